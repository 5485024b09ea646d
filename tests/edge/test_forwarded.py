"""Who the client is, as the app is told: nobody is believed but a trusted proxy (RFC 7239 8.1).

OpenChamber takes the first X-Forwarded-For item for its login limit and compares a socket's Origin with the forwarded
scheme and host, so a claim that slips through is a bypass and one that is lost is a 403. The whole chain with a real
TLS proxy in front is ``tests/integration/test_outer_proxy.py``.
"""

from __future__ import annotations

import pytest

from antechamber.policy.fields import LOOK_ALIKES
from tests.edge.app import SWITCHED, App, ok
from tests.edge.front import WEBSOCKET, Front, get, serving
from tests.edge.talk import take_answer, take_head, take_request
from tests.hostile.strict import Seen

CLAIMS = (
    b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.test\r\nX-Real-IP: 6.6.6.6\r\n"
    b"Forwarded: for=6.6.6.6;proto=https;host=evil.test\r\n"
)
CHAIN = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded")


async def told(app: App, front: Front, fields: bytes = b"", *, source: str = "") -> Seen:
    """What the app gets of a request with these fields."""
    await front.ask(get("/", fields), source=source)
    _, seen = await app.asked()
    return seen


def chain(seen: Seen) -> dict[str, list[str]]:
    return {name: seen.all(name) for name in CHAIN}


def said(address: str, *, proto: str = "http", host: str = "edge.test") -> dict[str, list[str]]:
    """The five fields for one client without any proxy."""
    return {
        "x-forwarded-for": [address],
        "x-forwarded-proto": [proto],
        "x-forwarded-host": [host],
        "x-real-ip": [address],
        "forwarded": [f"for={address};host={host};proto={proto}"],
    }


# Nobody is trusted


@pytest.mark.parametrize(
    "fields", [b"", CLAIMS, CLAIMS + CLAIMS, CLAIMS.lower()], ids=["none", "once", "twice", "lower"]
)
async def test_the_app_is_told_what_the_edge_saw_whatever_a_stranger_claims(fields: bytes) -> None:
    async with App() as app, serving(app.url) as front:
        seen = await told(app, front, fields)
        assert chain(seen) == said("127.0.0.1")
        assert seen.all("host") == ["edge.test"]


@pytest.mark.parametrize("name", sorted(LOOK_ALIKES))
async def test_look_alikes_of_a_stranger_do_not_pass(name: str) -> None:
    async with App() as app, serving(app.url) as front:
        for spelling in (name, name.title(), name.upper(), name.replace("-", "_")):
            seen = await told(app, front, f"{spelling}: 1\r\n".encode())
            assert seen.all(spelling) == []


@pytest.mark.parametrize("name", ["X_Forwarded_For", "x_real_ip", "X_Forwarded_Host", "X-Forwarded_Proto"])
async def test_spellings_that_an_app_may_fold_into_a_forwarded_field_do_not_pass(name: str) -> None:
    """CGI and WSGI turn both ``-`` and ``_`` into ``_`` (RFC 3875 4.1.18), so an app may read either for the other."""
    async with App() as app, serving(app.url, trust=["127.0.0.1"]) as front:
        seen = await told(app, front, f"{name}: 6.6.6.6\r\n".encode())
        assert seen.all(name) == []
        assert chain(seen) == said("127.0.0.1")


async def test_the_policy_may_name_more_fields_that_only_a_proxy_may_send() -> None:
    async with App() as app, serving(app.url, untrusted_fields=["X-Team"]) as front:
        assert (await told(app, front, b"X-Team: admin\r\nX-Other: 1\r\n")).all("x-team") == []


async def test_a_websocket_is_told_the_same_as_every_other_request() -> None:
    """The guide's nginx sample loses the fields in its WebSocket locations, and every socket answers 403."""
    async with App() as app, serving(app.url) as front:
        client = await front.ask(get("/ws", WEBSOCKET + CLAIMS))
        upstream, seen = await app.asked()
        assert chain(seen) == said("127.0.0.1")
        upstream.writer.write(SWITCHED)
        assert (await take_head(client)).status == 101


async def test_each_request_of_a_connection_is_judged_by_its_own_fields() -> None:
    async with App() as app, serving(app.url, trust=["127.0.0.1"]) as front:
        client = await front.dial()
        upstream = None
        for address in ("8.8.8.8", "9.9.9.9", ""):
            client.writer.write(get("/", f"X-Forwarded-For: {address}\r\n".encode() if address else b""))
            if upstream is None:
                upstream, seen = await app.asked()
            else:
                seen = await take_request(upstream)
            assert seen.all("x-real-ip") == [address or "127.0.0.1"]
            upstream.writer.write(ok())
            await take_answer(client)


# A trusted proxy


@pytest.mark.parametrize("trust", ["127.0.0.1", "127.0.0.0/8", "private", "10.0.0.0/8,127.0.0.1"])
async def test_what_a_trusted_proxy_says_is_passed_on_with_itself_at_the_end(trust: str) -> None:
    async with App() as app, serving(app.url, trust=trust) as front:
        fields = b"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: app.test:8443\r\n"
        assert chain(await told(app, front, fields)) == {
            "x-forwarded-for": ["203.0.113.7, 127.0.0.1"],
            "x-forwarded-proto": ["https"],
            "x-forwarded-host": ["app.test:8443"],
            "x-real-ip": ["203.0.113.7"],
            "forwarded": ['for=203.0.113.7;host="app.test:8443";proto=https, for=127.0.0.1'],
        }
        assert front.said == []


async def test_look_alikes_of_a_trusted_proxy_pass() -> None:
    async with App() as app, serving(app.url, trust="127.0.0.1") as front:
        seen = await told(app, front, b"CF-Connecting-IP: 203.0.113.7\r\nX-Forwarded-Port: 443\r\n")
        assert (seen.all("cf-connecting-ip"), seen.all("x-forwarded-port")) == (["203.0.113.7"], ["443"])


async def test_only_the_peers_that_are_named_are_trusted() -> None:
    async with App() as app, serving(app.url, trust="127.0.0.2") as front:
        assert (await told(app, front, CLAIMS, source="127.0.0.2")).all("x-real-ip") == ["6.6.6.6"]
        assert (await told(app, front, CLAIMS, source="127.0.0.3")).all("x-real-ip") == ["127.0.0.3"]


@pytest.mark.parametrize(
    ("claimed", "passed"),
    [
        pytest.param("6.6.6.6, 203.0.113.7", "203.0.113.7, 127.0.0.1", id="what the client wrote itself is dropped"),
        pytest.param("6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7, 10.0.0.1, 127.0.0.1", id="two trusted hops"),
        pytest.param("10.0.0.2, 10.0.0.1", "10.0.0.2, 10.0.0.1, 127.0.0.1", id="all trusted"),
        pytest.param("203.0.113.7:5123", "203.0.113.7, 127.0.0.1", id="with a port (Azure)"),
        pytest.param("2001:db8::7", "2001:db8::7, 127.0.0.1", id="IPv6"),
        pytest.param("[2001:db8::7]:443", "2001:db8::7, 127.0.0.1", id="IPv6 with a port"),
        pytest.param("2001:DB8:0:0::7", "2001:db8::7, 127.0.0.1", id="IPv6 written differently"),
        pytest.param("::ffff:203.0.113.7", "203.0.113.7, 127.0.0.1", id="mapped IPv4"),
        pytest.param("203.0.113.7, ::ffff:10.0.0.1", "203.0.113.7, 10.0.0.1, 127.0.0.1", id="mapped and trusted"),
        pytest.param("203.0.113.7, unknown", "127.0.0.1", id="unknown ends the walk"),
        pytest.param("203.0.113.7, 10.0.0.999", "127.0.0.1", id="malformed ends the walk"),
        pytest.param("203.0.113.7, _hidden, 10.0.0.1", "10.0.0.1, 127.0.0.1", id="obfuscated ends the walk"),
        pytest.param(" , 203.0.113.7 ,", "203.0.113.7, 127.0.0.1", id="empty elements are nothing"),
        pytest.param("evil\t203.0.113.7", "127.0.0.1", id="rubbish"),
    ],
)
async def test_the_chain_is_walked_from_the_right_to_the_first_untrusted_address(claimed: str, passed: str) -> None:
    async with App() as app, serving(app.url, trust="127.0.0.1,10.0.0.0/8") as front:
        seen = await told(app, front, f"X-Forwarded-For: {claimed}\r\n".encode())
        assert seen.all("x-forwarded-for") == [passed]
        assert seen.all("x-real-ip") == [passed.split(", ")[0]]


async def test_a_chain_on_several_lines_is_one_chain() -> None:
    async with App() as app, serving(app.url, trust="127.0.0.1,10.0.0.0/8") as front:
        seen = await told(app, front, b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.7, 10.0.0.1\r\n")
        assert seen.all("x-forwarded-for") == ["203.0.113.7, 10.0.0.1, 127.0.0.1"]


@pytest.mark.parametrize(
    ("value", "address", "proto", "host"),
    [
        ("for=203.0.113.7;proto=https;host=app.test", "203.0.113.7", "https", "app.test"),
        ('For="[2001:db8::7]:4711";Proto=HTTPS;Host="app.test:8443"', "2001:db8::7", "https", "app.test:8443"),
        ("for=6.6.6.6, for=203.0.113.7;proto=https, for=10.0.0.1", "203.0.113.7", "https", "edge.test"),
        ("for=unknown", "127.0.0.1", "http", "edge.test"),
        ('for="203.0.113.7', "127.0.0.1", "http", "edge.test"),
    ],
)
async def test_a_trusted_proxys_forwarded_field_is_read(value: str, address: str, proto: str, host: str) -> None:
    """RFC 7239, for proxies that send nothing else."""
    async with App() as app, serving(app.url, trust="127.0.0.1,10.0.0.0/8") as front:
        seen = await told(app, front, f"Forwarded: {value}\r\n".encode())
        assert seen.all("x-real-ip") == [address]
        assert (seen.all("x-forwarded-proto"), seen.all("x-forwarded-host")) == ([proto], [host])


@pytest.mark.parametrize(
    ("claimed", "passed"),
    [
        ("https", "https"),
        ("HTTPS", "https"),
        ("wss", "https"),
        ("ws", "http"),
        ("https, http", "https"),
        ("gopher", "http"),
    ],
)
async def test_the_scheme_is_one_that_an_app_can_compare(claimed: str, passed: str) -> None:
    """Traefik says ``wss`` on upgrades; apps that compare it with an Origin answer 403."""
    async with App() as app, serving(app.url, trust="127.0.0.1") as front:
        seen = await told(app, front, f"X-Forwarded-Proto: {claimed}\r\n".encode())
        assert seen.all("x-forwarded-proto") == [passed]


@pytest.mark.parametrize(
    ("claimed", "passed"),
    [
        ("app.test", "app.test"),
        ("app.test, inner", "app.test"),
        ("[::1]:80", "[::1]:80"),
        ("a/b", "edge.test"),
        ("a b", "edge.test"),
    ],
)
async def test_the_host_is_one_that_can_be_a_host(claimed: str, passed: str) -> None:
    async with App() as app, serving(app.url, trust="127.0.0.1") as front:
        seen = await told(app, front, f"X-Forwarded-Host: {claimed}\r\n".encode())
        assert seen.all("x-forwarded-host") == [passed]


# The public origin


@pytest.mark.parametrize("trust", ["none", "127.0.0.1"])
async def test_the_public_origin_decides_scheme_and_host_whoever_asks(trust: str) -> None:
    async with App() as app, serving(app.url, trust=trust, public_origin="https://chamber.test") as front:
        seen = await told(app, front, CLAIMS)
        assert (seen.all("x-forwarded-proto"), seen.all("x-forwarded-host")) == (["https"], ["chamber.test"])
        assert seen.all("host") == ["edge.test"]
        assert seen.all("x-real-ip") == ["127.0.0.1" if trust == "none" else "6.6.6.6"]


async def test_the_public_origin_keeps_a_port_that_is_not_the_default() -> None:
    async with App() as app, serving(app.url, public_origin="https://Chamber.test:8443") as front:
        seen = await told(app, front)
        assert seen.all("x-forwarded-host") == ["chamber.test:8443"]


# The operator is told


async def test_a_stranger_with_claims_gets_one_line_that_names_the_flag() -> None:
    """Dropping the outer proxy's ``https`` silently would turn every socket into an unexplained 403."""
    async with App() as app, serving(app.url) as front:
        for _ in range(3):
            await told(app, front, CLAIMS)
        assert len(front.said) == 1
        assert "127.0.0.1 sends X-Forwarded-* fields and is not trusted" in front.said[0]
        assert front.said[0].endswith("add --trust 127.0.0.1")
        await told(app, front, CLAIMS, source="127.0.0.2")
        assert len(front.said) == 2
        assert front.said[1].endswith("add --trust 127.0.0.2")


async def test_the_flag_that_the_line_names_is_the_one_that_helps() -> None:
    async with App() as app, serving(app.url, listen="[::1]:0") as front:
        await told(app, front, CLAIMS)
        flag = front.said[0].rpartition("--trust ")[2]
        assert flag == "::1"
    async with App() as app, serving(app.url, listen="[::1]:0", trust=flag) as front:
        assert (await told(app, front, CLAIMS)).all("x-forwarded-proto") == ["https"]
        assert front.said == []


async def test_a_client_without_claims_is_not_worth_a_line() -> None:
    async with App() as app, serving(app.url) as front:
        await told(app, front)
        await told(app, front, b"Forwarded_For: 1\r\n")
        assert front.said == []

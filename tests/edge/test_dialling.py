"""Reaching the app: unix sockets, IPv6, names with several addresses, and each way in which it cannot be reached."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from antechamber.ledger import Party, Reason
from tests.edge.app import App, ok
from tests.edge.front import Front, get, post, serving
from tests.edge.ports import free_port, greeting, stalled
from tests.edge.talk import take_answer
from tests.hostile.answer import Answer

Names = dict[str, list[str]]


async def served(app: App, front: Front) -> Answer:
    """The answer to one request that the app answers."""
    client = await front.ask(get())
    upstream, _ = await app.asked()
    upstream.writer.write(ok())
    return await take_answer(client)


async def refusal(front: Front) -> tuple[int, str]:
    """Status and Proxy-Status of an answer that the edge makes up."""
    answer = await take_answer(await front.ask(get()))
    assert answer.whole
    return answer.status, answer.all("proxy-status")[0]


async def test_the_app_may_listen_on_a_unix_socket(tmp_path: Path) -> None:
    async with App(unix=str(tmp_path / "app.sock")) as app, serving(app.url) as front:
        assert (await served(app, front)).body == b"fine"


async def test_a_unix_socket_that_is_not_there_is_a_refused_connection(tmp_path: Path) -> None:
    async with serving(f"unix:{tmp_path}/none.sock") as front:
        status, told = await refusal(front)
        assert (status, "error=connection_refused" in told) == (502, True)
        assert str(tmp_path) not in told


@pytest.mark.parametrize("request_", [get(), post(length=3) + b"abc"], ids=["GET", "POST"])
async def test_what_an_app_says_the_moment_it_has_accepted_is_its_answer(request_: bytes) -> None:
    """An app that is full does so (HAProxy's 503, Node's ``maxConnections``), before it was asked anything."""
    full = b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfull"

    def refuse(accepted: socket.socket) -> None:
        accepted.sendall(full)
        accepted.shutdown(socket.SHUT_WR)

    with greeting(refuse) as port:
        async with serving(f"http://127.0.0.1:{port}") as front:
            for _ in range(50):
                answer = await take_answer(await front.ask(request_))
                assert (answer.status, answer.body) == (503, b"full")


async def test_the_app_may_listen_on_ipv6() -> None:
    async with App("::1") as app, serving(app.url) as front:
        assert (await served(app, front)).body == b"fine"


async def test_the_edge_may_listen_on_ipv6() -> None:
    async with App() as app, serving(app.url, listen="[::1]:0") as front:
        client = await front.ask(get())
        upstream, seen = await app.asked()
        assert seen.all("x-forwarded-for") == ["::1"]
        assert 'for="[::1]"' in seen.all("forwarded")[0]
        upstream.writer.write(ok())
        assert (await take_answer(client)).body == b"fine"


# Names


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_of_a_names_addresses_the_one_that_listens_is_found(host: str, names: Names) -> None:
    """``localhost`` is ::1 first on most machines, while Node listens on 127.0.0.1 or the other way round."""
    names["app.test"] = ["::1", "127.0.0.1"]
    async with App(host) as app, serving(f"http://app.test:{app.port}") as front:
        assert (await served(app, front)).body == b"fine"


async def test_an_address_that_is_silent_does_not_hold_up_the_next(names: Names) -> None:
    """Happy Eyeballs, RFC 8305 5. The timeout of the whole is far longer than the test's patience."""
    names["app.test"] = ["127.0.0.2", "127.0.0.1"]
    async with App() as app, serving(f"http://app.test:{app.port}", connect_timeout="300s") as front:
        with stalled("127.0.0.2", app.port):
            assert (await served(app, front)).body == b"fine"


async def test_a_name_of_which_no_address_listens_is_a_refused_connection(names: Names) -> None:
    names["app.test"] = ["::1", "127.0.0.1", "127.0.0.2"]
    async with serving(f"http://app.test:{free_port()}") as front:
        status, told = await refusal(front)
        assert (status, "error=connection_refused" in told) == (502, True)


async def test_a_name_that_does_not_exist_is_a_told_dns_error() -> None:
    async with serving("http://nowhere.test:3000") as front:
        status, told = await refusal(front)
        assert (status, "error=dns_error" in told) == (502, True)
        assert "nowhere" not in told  # the client need not learn the inner name
        ended = await front.book.next_ended()
        assert (ended.ended_by, ended.reason, ended.failure) == (Party.UPSTREAM, Reason.LOST, "dns_error")


async def test_a_resolver_that_never_answers_is_bounded_by_the_connect_timeout(names: Names) -> None:
    names["slow.test"] = []
    async with serving("http://slow.test:3000", connect_timeout="200ms") as front:
        status, told = await refusal(front)
        assert (status, "error=connection_timeout" in told) == (504, True)


async def test_a_name_that_moves_is_asked_for_again_when_nothing_listens_there_any_more(names: Names) -> None:
    """Containers come back with another address; waiting for a cache to age would be an outage."""
    async with App("127.0.0.2") as app:
        names["app.test"] = ["127.0.0.1"]
        async with serving(f"http://app.test:{app.port}") as front:
            assert (await refusal(front))[0] == 502
            names["app.test"] = ["127.0.0.2"]
            assert (await served(app, front)).body == b"fine"


# Nobody there


async def test_a_refused_connection_is_a_bad_gateway_that_names_the_hop() -> None:
    async with serving(f"http://127.0.0.1:{free_port()}") as front:
        status, told = await refusal(front)
        assert status == 502
        assert told.startswith("antechamber; error=connection_refused; details=")


async def test_an_app_that_does_not_accept_in_time_is_a_gateway_timeout() -> None:
    with stalled() as port:
        async with serving(f"http://127.0.0.1:{port}", connect_timeout="300ms") as front:
            status, told = await refusal(front)
            assert (status, "error=connection_timeout" in told) == (504, True)
            ended = await front.book.next_ended()
            assert (ended.ended_by, ended.reason) == (Party.UPSTREAM, Reason.CONNECT_TIMEOUT)


async def test_an_app_that_comes_back_is_served_at_once() -> None:
    app = App()
    async with app:
        pass
    async with serving(app.url) as front:
        assert (await refusal(front))[0] == 502
        async with App(port=app.port) as again:
            assert (await served(again, front)).body == b"fine"


async def test_a_client_connection_survives_an_app_that_is_away() -> None:
    """A 502 has a length, so the browser's connection stays good for the next try."""
    async with serving(f"http://127.0.0.1:{free_port()}") as front:
        client = await front.ask(get())
        for _ in range(3):
            answer = await take_answer(client)
            assert (answer.status, answer.all("connection")) == (502, [])
            client.writer.write(get())


# Circles


async def test_an_edge_that_is_its_own_app_answers_508() -> None:
    """RFC 5842 7.2, and RFC 9110 7.6.3: Via is for finding circles. Unanswered, one request would take every port."""
    port = free_port()
    async with serving(f"http://[::1]:{port}", listen=f"[0:0::1]:{port}") as front:
        status, told = await refusal(front)
        assert (status, "error=proxy_loop_detected" in told) == (508, True)
        found = await front.book.next_ended()
        assert (found.status, found.failure) == (508, "proxy_loop_detected")


async def test_two_edges_in_a_circle_answer_508() -> None:
    port = free_port()
    async with (
        serving(f"http://127.0.0.1:{port}") as one,
        serving(f"http://127.0.0.1:{one.port}", listen=f"127.0.0.1:{port}"),
    ):
        status, told = await refusal(one)
        assert (status, "error=proxy_loop_detected" in told) == (508, True)


async def test_two_edges_in_a_row_are_no_circle() -> None:
    async with App() as app, serving(app.url) as inner, serving(f"http://127.0.0.1:{inner.port}") as outer:
        assert (await served(app, outer)).status == 200

"""Faults in what the upstream answers: heads, framing, truncation, stray bytes, interim responses, retries."""

from __future__ import annotations

import asyncio
from functools import partial

from tests.hostile.canned import CANNED, Canned, Verdict
from tests.hostile.edge import RESPONSE_TIMEOUT_S
from tests.hostile.fault_modes import GZIP
from tests.hostile.front import (
    ANSWER_PATIENCE_S,
    SLACK_S,
    UPSTREAM_ERRORS,
    Asked,
    Company,
    Front,
    must_be_cut,
    must_be_released,
    must_be_told,
    scenario,
)
from tests.hostile.wire import after

MAX_ATTEMPTS = 3
"""How often a request may reach the origin at most."""


async def _refused(canned: Canned, front: Front) -> None:
    asked = await front.ask(canned.id)
    must_be_told(asked, within_s=ANSWER_PATIENCE_S, statuses=(502, 504))
    assert b"X-Poison" not in asked.answer.head
    assert len(front.origin.visits(asked.nonce)) <= MAX_ATTEMPTS


async def _cut(canned: Canned, front: Front) -> None:
    must_be_cut(await front.ask(canned.id), within_s=ANSWER_PATIENCE_S)


async def _ok(canned: Canned, front: Front) -> None:
    asked = await front.ask(canned.id)
    assert (asked.status, asked.answer.body) == (200, b"ok"), asked.answer
    again = await front.ask("echo", wire=asked.wire)
    assert again.own or again.gone, "the connection is out of step"


async def _stray(canned: Canned, front: Front) -> None:
    asked = await front.ask(canned.id, method=canned.method, fields=canned.fields)
    assert asked.status in (canned.status, *UPSTREAM_ERRORS), asked.answer.told
    await nobody_gets_poison(front, asked)


async def nobody_gets_poison(front: Front, asked: Asked) -> None:
    """Neither the client that asked nor anybody behind it sees the stray bytes."""
    assert b"POISON" not in asked.answer.body
    await asked.wire.fill(after(0.2))
    assert not asked.wire.inbox, f"unasked bytes for the client: {bytes(asked.wire.inbox[:60])!r}"
    if not asked.wire.ended and asked.answer.whole:
        again = await front.ask("echo", wire=asked.wire)
        assert again.own or again.gone, f"the next request got {again.answer}"
    for _ in range(5):
        other = await front.ask("echo")
        assert other.own, f"another client got {other.answer}"


_JUDGES = {Verdict.REFUSED: _refused, Verdict.CUT: _cut, Verdict.OK: _ok, Verdict.STRAY: _stray}
_WORDS = {
    Verdict.REFUSED: "is refused with a told 502",
    Verdict.CUT: "reaches the client visibly cut",
    Verdict.OK: "does not disturb the answer",
    Verdict.STRAY: "leaves nothing for anybody else",
}
for _canned in CANNED:
    scenario(
        _canned.id,
        f"{_canned.title} {_WORDS[_canned.verdict]}",
        _canned.reference,
        Company.ALONE if _canned.verdict is Verdict.STRAY else Company.SHARED,
    )(partial(_JUDGES[_canned.verdict], _canned))


@scenario(
    "unsolicited", "a response nobody asked for on an idle connection reaches nobody", "RFC 9112 9.2", Company.ALONE
)
async def unsolicited(front: Front) -> None:
    asked = await front.ask("unsolicited")
    assert asked.own
    await asyncio.sleep(0.5)  # the origin speaks 0.3 s later, on a connection that rests in the pool
    await nobody_gets_poison(front, asked)


async def _dies(mode: str, method: str, front: Front) -> None:
    asked = await front.ask(mode, method=method, body=b"pay=1" if method == "POST" else b"")
    must_be_told(asked, within_s=3)
    visits = front.origin.visits(asked.nonce)
    assert len(visits) <= (1 if method == "POST" else MAX_ATTEMPTS), "sent again"


for _mode, _word in (("close-after-request", "closes"), ("rst-after-request", "resets")):
    scenario(_mode, f"an upstream that {_word} after a GET is a told 502", "RFC 9110 15.6.3")(
        partial(_dies, _mode, "GET")
    )
    scenario(
        _mode.replace("request", "post"),
        f"an upstream that {_word} after a POST is a told 502, and the POST is not sent again",
        "RFC 9110 9.2.2 (MUST NOT retry)",
    )(partial(_dies, _mode, "POST"))


@scenario("stall-header", "an upstream that never answers is a told 504, and is let go", "RFC 9110 15.6.5")
async def stall_header(front: Front) -> None:
    asked = await front.ask("stall-header")
    must_be_told(asked, within_s=ANSWER_PATIENCE_S, statuses=(504,))
    await must_be_released(front.visit(asked))


@scenario("drip-header", "a response header that drips is ended by a total limit", "Envoy route timeout")
async def drip_header(front: Front) -> None:
    asked = await front.ask("drip", patience_s=RESPONSE_TIMEOUT_S * 4 + SLACK_S)
    must_be_told(asked, within_s=RESPONSE_TIMEOUT_S * 4 + SLACK_S)


@scenario("endless-headers", "64 MB of response header are cut off early", "RFC 9110 17.5", Company.ALONE)
async def endless_headers(front: Front) -> None:
    before = front.edge.resident_bytes()
    asked = await front.ask("endless-headers")
    must_be_told(asked, within_s=ANSWER_PATIENCE_S)
    visit = front.visit(asked)
    await must_be_released(visit)
    assert visit.sent < 24 << 20, f"the edge took {visit.sent >> 20} MB of header"
    assert front.edge.resident_bytes() - before < 16 << 20


@scenario("gzip-exact", "coded content passes byte for byte", "RFC 9110 7.7")
async def gzip_exact(front: Front) -> None:
    asked = await front.ask("gzip", fields="Accept-Encoding: gzip\r\n")
    assert (asked.status, asked.answer.body) == (200, GZIP)
    assert asked.answer.all("content-encoding") == ["gzip"]


@scenario("i103-forwarded", "103 is forwarded", "RFC 9110 15.2")
async def hints_forwarded(front: Front) -> None:
    assert (await front.ask("i103")).answer.interim == [103]


@scenario("flood-1xx", "3000 interim responses end in an answer or an error", "RFC 9110 15.2")
async def flood_of_interim(front: Front) -> None:
    asked = await front.ask("flood-1xx")
    assert asked.own or asked.status in UPSTREAM_ERRORS, asked.answer.told


@scenario(
    "idle-close", "connections that the upstream closes while idle fail no request", "RFC 9112 9.3.1", Company.ALONE
)
async def idle_close(front: Front) -> None:
    for _ in range(6):
        asked = await front.ask("idle-close")
        assert asked.own, asked.answer.told
        await asyncio.sleep(0.1)


@scenario(
    "stale-get", "a GET on a pooled connection that dies under it is tried again", "RFC 9110 9.2.2", Company.ALONE
)
async def stale_get(front: Front) -> None:
    for _ in range(6):
        asked = await front.ask("stale")
        assert asked.own, asked.answer.told


@scenario("stale-post", "a POST that was read once is never sent again", "RFC 9110 9.2.2 (MUST NOT)", Company.ALONE)
async def stale_post(front: Front) -> None:
    for _ in range(6):
        asked = await front.ask("stale", method="POST", body=b"pay=1")
        assert len(front.origin.visits(asked.nonce)) == 1
        if not asked.own:
            must_be_told(asked, within_s=3)

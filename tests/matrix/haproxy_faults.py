"""Faults that HAProxy can be given, each by one change of what we render for it."""

from __future__ import annotations

from functools import partial

from tests.matrix.sabotage import On, sabotage

_RULE = "    http-request "
_FIRST = f"{_RULE}set-header X-Real-IP %[src]\n"
_CHAIN = f"{_RULE}set-header X-Forwarded-For %[src]\n"
_NAME = f"{_RULE}set-header X-Forwarded-Host %[req.hdr(host)]\n"
_HTTP = f"{_RULE}set-header X-Forwarded-Proto http if !{{ ssl_fc }}\n"
_LAST = f"{_RULE}del-header X-Webauth-User\n"
_STREAMS = "{ path_reg ^/api/(event|global/event|notifications/stream|openchamber/events|terminal/[^/]+/stream)$ }"

_fault = partial(sabotage, "haproxy")


def _then(*lines: str) -> tuple[str, str]:
    """More lines behind the last rule on requests."""
    return _LAST, _LAST + "".join(f"    {line}\n" for line in lines)


HAPROXY = (
    _fault("no Upgrade", "AC101", On.SOCKETS, _then("http-request del-header Upgrade")),
    _fault("the inner Host", "AC501", On.EVERYWHERE, _then("http-request set-header Host 127.0.0.1:3000")),
    _fault(
        "the port dropped from Host",
        "AC507",
        On.EVERYWHERE,
        _then("http-request set-header Host %[req.hdr(host),field(1,:)]"),
    ),
    _fault("X-Forwarded-Proto wss", "AC503", On.EVERYWHERE, (_HTTP, _HTTP.replace("Proto http", "Proto wss"))),
    _fault(
        "X-Forwarded-For appended to",
        "AC502",
        On.EVERYWHERE,
        (_CHAIN, f'{_RULE}set-header X-Forwarded-For "%[req.hdr(x-forwarded-for)], %[src]"\n'),
    ),
    _fault("no X-Forwarded-Host", "AC508", On.EVERYWHERE, (_NAME, "")),
    _fault("no X-Real-IP", "AC502", On.EVERYWHERE, (_FIRST, "")),
    _fault("no X-Forwarded-For", "AC511", On.EVERYWHERE, (_CHAIN, f"{_RULE}del-header X-Forwarded-For\n")),
    _fault("Forwarded passed on", "AC505", On.EVERYWHERE, (f"{_RULE}del-header Forwarded\n", "")),
    _fault("True-Client-IP passed on", "AC506", On.EVERYWHERE, (f"{_RULE}del-header True-Client-Ip\n", "")),
    _fault("bodies of 1 MB", "AC301", On.SOMEWHERE, ("gt 146800640", "gt 1000000")),
    _fault(
        "uploads held",
        "AC302",
        On.SOMEWHERE,
        _then("option http-buffer-request"),
        unseen="HAProxy holds no more than one buffer (16 KiB), and then streams",
    ),
    _fault(
        "gzip on event streams",
        "AC604",
        On.SOMEWHERE,
        ("defaults\n", "defaults\n    compression algo gzip\n    compression type text/event-stream\n"),
        beside=("AC601",),
    ),
    _fault(
        "gzip on answers",
        "AC601",
        On.SOMEWHERE,
        ("defaults\n", "defaults\n    compression algo gzip\n    compression type application/json\n"),
    ),
    _fault("the query lost", "AC513", On.SOMEWHERE, _then("http-request set-uri %[path]")),
    _fault("cookies taken away", "AC512", On.SOMEWHERE, _then("http-request del-header Cookie")),
    _fault("Set-Cookie taken away", "AC512", On.SOMEWHERE, _then("http-response del-header Set-Cookie")),
    _fault("Last-Event-ID taken away", "AC206", On.STREAMS, _then("http-request del-header Last-Event-ID")),
    _fault(
        "a second Cache-Control",
        "AC610",
        On.SOMEWHERE,
        _then('http-response add-header Cache-Control "public, max-age=3600"'),
    ),
    _fault(
        "browsers told to keep every answer",
        "AC611",
        On.SOMEWHERE,
        _then('http-response set-header Cache-Control "public, max-age=3600"'),
    ),
    _fault(
        "a page for event streams",
        "AC207",
        On.STREAMS,
        _then(f'http-request return status 200 content-type text/html string "<!doctype html>" if {_STREAMS}'),
    ),
    _fault(
        "redirects to the inner address",
        "AC514",
        On.SOMEWHERE,
        _then(r"http-response replace-header Location ^/(.*) http://127.0.0.1:3000/\1"),
    ),
    _fault(
        "a second password",
        "AC516",
        On.LIVE,
        _then('http-request return status 401 hdr WWW-Authenticate "Basic realm=private"'),
    ),
    _fault(
        "header blocks of 2 KiB",
        "AC515",
        On.SOMEWHERE,
        ("global\n", "global\n    tune.bufsize 3072\n    tune.maxrewrite 1024\n"),
    ),
    _fault(
        "live routes cut after two seconds of silence",
        "AC409",
        On.LIVE,
        ("timeout server 3600s", "timeout server 2s"),
        ("timeout tunnel 3600s", "timeout tunnel 2s"),
        beside=("AC402",),
        patience_s=6.0,
    ),
    _fault(
        "departures not looked for",
        "AC306",
        On.STREAMS,
        ("    option abortonclose\n", ""),
    ),
    _fault(
        "every Upgrade relayed",
        "AC102",
        On.SOCKETS,
        (f"{_RULE}del-header Upgrade if !{{ req.hdr(Upgrade) -i websocket }}\n", ""),
    ),
    _fault(
        "answers may take two seconds",
        "AC402",
        On.SOMEWHERE,
        ("timeout server 60s", "timeout server 2s"),
        patience_s=5.0,
    ),
    _fault(
        "uploads may pause for two seconds",
        "AC410",
        On.SOMEWHERE,
        ("timeout client 3600s", "timeout client 2s"),
        beside=("AC404",),
        patience_s=5.0,
    ),
)

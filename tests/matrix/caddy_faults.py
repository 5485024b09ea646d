"""Faults that Caddy can be given, each by one change of what we render for it."""

from __future__ import annotations

import re
from functools import partial

from tests.matrix.sabotage import On, sabotage

_PROXY = "        header_up X-Real-IP {client_ip}\n"
_CHAIN = "        header_up X-Forwarded-For {client_ip}\n"
_ROUTE = "    route {\n"


def _tabbed(text: str) -> str:
    """Indented as ``caddy fmt`` does it."""
    return re.sub(r"(?m)^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text)


_fault = partial(sabotage, "caddy", written=_tabbed)


def _in_proxy(line: str) -> tuple[str, str]:
    return _PROXY, f"{_PROXY}        {line}\n"


def _before(lines: str) -> tuple[str, str]:
    return _ROUTE, f"{_ROUTE}{lines}\n"


def _timeout(line: str) -> tuple[str, str]:
    """One more limit of the whole server's."""
    return "            idle 75s\n", f"            idle 75s\n            {line}\n"


_STREAMS = "path_regexp ^/api/(event|global/event|notifications/stream|openchamber/events|terminal/[^/]+/stream)$"

CADDY = (
    _fault("no Upgrade", "AC101", On.SOCKETS, _before("        request_header -Upgrade")),
    _fault("the inner Host", "AC501", On.EVERYWHERE, _in_proxy("header_up Host {upstream_hostport}")),
    _fault("{host} for Host", "AC507", On.EVERYWHERE, _in_proxy("header_up Host {host}")),
    _fault("X-Forwarded-Proto wss", "AC503", On.EVERYWHERE, _in_proxy("header_up X-Forwarded-Proto wss")),
    _fault(
        "X-Forwarded-For appended to",
        "AC502",
        On.EVERYWHERE,
        (_CHAIN, '        header_up X-Forwarded-For "{header.X-Forwarded-For}, {client_ip}"\n'),
    ),
    _fault(
        "the inner X-Forwarded-Host",
        "AC504",
        On.EVERYWHERE,
        _in_proxy("header_up X-Forwarded-Host {upstream_hostport}"),
    ),
    _fault(
        "no X-Forwarded-Host",
        "AC504",
        On.EVERYWHERE,
        _in_proxy("header_up -X-Forwarded-Host"),
        unseen="Host is right, and this app goes by it where X-Forwarded-Host is missing",
    ),
    _fault("no X-Forwarded-For", "AC511", On.EVERYWHERE, (_CHAIN, "        header_up -X-Forwarded-For\n")),
    _fault("no X-Real-IP", "AC502", On.EVERYWHERE, (_PROXY, "")),
    _fault("Forwarded passed on", "AC505", On.EVERYWHERE, ("        header_up -Forwarded\n", "")),
    _fault("True-Client-IP passed on", "AC506", On.EVERYWHERE, ("        header_up -True-Client-Ip\n", "")),
    _fault("bodies of 1 MB", "AC301", On.SOMEWHERE, ("146800640", "1000000")),
    _fault("uploads held", "AC302", On.SOMEWHERE, _in_proxy("request_buffers 16MiB")),
    _fault("answers held", "AC201", On.STREAMS, _in_proxy("response_buffers 1MiB"), beside=("AC101",)),
    _fault(
        "gzip on event streams",
        "AC604",
        On.SOMEWHERE,
        _before(
            "        encode {\n            gzip\n            minimum_length 1\n            match {\n"
            "                header Content-Type text/event-stream*\n            }\n        }"
        ),
        beside=("AC601",),
    ),
    _fault(
        "gzip on answers",
        "AC601",
        On.SOMEWHERE,
        _before(
            "        encode {\n            gzip\n            minimum_length 1\n            match {\n"
            "                header Content-Type application/json*\n            }\n        }"
        ),
    ),
    _fault(
        "browsers told to keep every answer",
        "AC611",
        On.SOMEWHERE,
        _in_proxy('header_down Cache-Control "public, max-age=3600"'),
    ),
    _fault("the query lost", "AC513", On.SOMEWHERE, _before("        rewrite * {path}?")),
    _fault("cookies taken away", "AC512", On.SOMEWHERE, _in_proxy("header_up -Cookie")),
    _fault("Set-Cookie taken away", "AC512", On.SOMEWHERE, _in_proxy("header_down -Set-Cookie")),
    _fault("Last-Event-ID taken away", "AC206", On.STREAMS, _in_proxy("header_up -Last-Event-ID")),
    _fault(
        "a second Cache-Control",
        "AC610",
        On.SOMEWHERE,
        _in_proxy('header_down +Cache-Control "public, max-age=3600"'),
    ),
    _fault(
        "a page for event streams",
        "AC207",
        On.STREAMS,
        _before(
            f"        @streams {_STREAMS}\n        header @streams Content-Type text/html\n"
            '        respond @streams "<!doctype html><title>App</title>" 200'
        ),
    ),
    _fault(
        "redirects to the inner address",
        "AC514",
        On.SOMEWHERE,
        _in_proxy("header_down Location ^/ http://127.0.0.1:3000/"),
    ),
    _fault(
        "a second password",
        "AC516",
        On.LIVE,
        _before('        header WWW-Authenticate `Basic realm="private"`\n        respond 401'),
    ),
    _fault(
        "live routes cut after two seconds of silence",
        "AC409",
        On.LIVE,
        ("            keepalive 4s\n", "            keepalive 4s\n            read_timeout 2s\n"),
        beside=("AC402",),
        patience_s=6.0,
    ),
    _fault("every Upgrade relayed", "AC102", On.SOCKETS, ("    request_header @foreign_upgrade -Upgrade\n", "")),
    _fault(
        "flush_interval -1",
        "AC306",
        On.STREAMS,
        _in_proxy("flush_interval -1"),
        unseen="Caddy 2.11 tells the app within milliseconds all the same, over HTTP/1.1 and HTTP/2",
    ),
    _fault("answers may take two seconds", "AC402", On.SOMEWHERE, ("{args[0]}", "2s"), patience_s=5.0),
    _fault(
        "answers end at an age of three seconds",
        "AC204",
        On.STREAMS,
        _timeout("write 3s"),
        beside=("AC402", "AC404"),
        patience_s=6.0,
    ),
    _fault("uploads end at an age of two seconds", "AC304", On.SOMEWHERE, _timeout("read_body 2s"), patience_s=5.0),
    _fault(
        "sockets end at an age of three seconds", "AC107", On.SOCKETS, _in_proxy("stream_timeout 3s"), patience_s=6.0
    ),
)

"""Faults that nginx can be given, each by one change of what we render for it."""

from __future__ import annotations

from functools import partial

from tests.matrix.sabotage import On, sabotage

_SET = "    proxy_set_header "
_SOCKETS = "realtime-proxy/ws)$ {\n"
_STREAMS = ("realtime-proxy/sse)$ {\n", "/stream$ {\n")
_BODY = "    client_max_body_size 140m;\n"

_fault = partial(sabotage, "nginx")


def _at_streams(text: str) -> tuple[tuple[str, str], ...]:
    """``text`` in the blocks of event streams."""
    return tuple((start, f"{start}{text}\n") for start in _STREAMS)


def _at_server(text: str) -> tuple[tuple[str, str], ...]:
    return ((_BODY, f"{_BODY}{text}\n"),)


NGINX = (
    _fault("the app at another address", "AC517", On.LIVE, ("    server 127.0.0.1:", "    server 127.0.0.2:")),
    _fault("no Upgrade", "AC101", On.SOCKETS, (f"{_SET}Upgrade $antechamber_upgrade;\n", "")),
    _fault(
        "HTTP/1.0 to the app",
        "AC101",
        On.SOCKETS,
        ("    proxy_http_version 1.1;\n", "    proxy_http_version 1.0;\n"),
        unseen="this app answers an upgrade in an HTTP/1.0 request as well, as Node does",
    ),
    _fault(
        "a header set in the sockets' block",
        "AC509",
        On.SOCKETS,
        (
            _SOCKETS,
            f'{_SOCKETS}proxy_set_header Upgrade $antechamber_upgrade;\nproxy_set_header Connection "upgrade";\n',
        ),
        beside=("AC505", "AC506"),
    ),
    _fault(
        "a header set in the streams' block",
        "AC509",
        On.STREAMS,
        *_at_streams('proxy_set_header Accept "text/event-stream";'),
        beside=("AC505", "AC506"),
    ),
    _fault("no Host", "AC501", On.EVERYWHERE, (f"{_SET}Host $http_host;\n", "")),
    _fault("$host for Host", "AC507", On.EVERYWHERE, (f"{_SET}Host $http_host;\n", f"{_SET}Host $host;\n")),
    _fault(
        "X-Forwarded-For appended to",
        "AC502",
        On.EVERYWHERE,
        (f"{_SET}X-Forwarded-For $remote_addr;\n", f"{_SET}X-Forwarded-For $proxy_add_x_forwarded_for;\n"),
    ),
    _fault(
        "X-Forwarded-Proto wss",
        "AC503",
        On.EVERYWHERE,
        (f"{_SET}X-Forwarded-Proto $scheme;\n", f"{_SET}X-Forwarded-Proto wss;\n"),
    ),
    _fault("no X-Forwarded-Proto", "AC503", On.EVERYWHERE, (f"{_SET}X-Forwarded-Proto $scheme;\n", "")),
    _fault("no X-Forwarded-Host", "AC508", On.EVERYWHERE, (f"{_SET}X-Forwarded-Host $http_host;\n", "")),
    _fault("no X-Real-IP", "AC502", On.EVERYWHERE, (f"{_SET}X-Real-IP $remote_addr;\n", "")),
    _fault(
        "X-Forwarded-For taken away",
        "AC511",
        On.EVERYWHERE,
        (f"{_SET}X-Forwarded-For $remote_addr;\n", f'{_SET}X-Forwarded-For "";\n'),
    ),
    _fault("Forwarded passed on", "AC505", On.EVERYWHERE, (f'{_SET}Forwarded "";\n', "")),
    _fault("True-Client-IP passed on", "AC506", On.EVERYWHERE, (f'{_SET}True-Client-Ip "";\n', "")),
    _fault("bodies of 1 MiB", "AC301", On.SOMEWHERE, ("client_max_body_size 140m;", "client_max_body_size 1m;")),
    _fault(
        "uploads held",
        "AC302",
        On.SOMEWHERE,
        ("proxy_request_buffering off;", "proxy_request_buffering on;\n    client_body_buffer_size 2m;"),
    ),
    _fault(
        "streams buffered, HTTP/1.0 to the app",
        "AC201",
        On.STREAMS,
        *_at_streams("proxy_http_version 1.0;\nproxy_buffering on;\nproxy_ignore_headers X-Accel-Buffering;"),
    ),
    _fault(
        "proxy_buffering on, and nothing else",
        "AC201",
        On.STREAMS,
        ("    proxy_buffering off;\n", "    proxy_buffering on;\n"),
        unseen="nginx flushes each chunk of an HTTP/1.1 app's answer as it comes, buffering or not",
    ),
    _fault(
        "gzip on event streams",
        "AC604",
        On.STREAMS,
        *_at_streams("gzip on;\ngzip_types text/event-stream;\ngzip_proxied any;\ngzip_min_length 0;"),
        beside=("AC601",),
    ),
    _fault(
        "gzip on answers",
        "AC601",
        On.SOMEWHERE,
        (
            "    gzip off;\n",
            "    gzip on;\n    gzip_types application/json;\n    gzip_proxied any;\n    gzip_min_length 1;\n",
        ),
    ),
    _fault(
        "everything cached",
        "AC608",
        On.SOMEWHERE,
        (
            "    proxy_cache off;\n",
            "    proxy_cache everything;\n    proxy_cache_valid any 10m;\n    proxy_cache_key $host$request_uri;\n"
            "    proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;\n"
            "    add_header X-Cache-Status $upstream_cache_status always;\n",
        ),
        ("upstream antechamber_app {", "proxy_cache_path cache keys_zone=everything:1m;\nupstream antechamber_app {"),
        ("    proxy_buffering off;\n", "    proxy_buffering on;\n"),
        ("events {", "user root;\nevents {"),
        beside=("AC306", "AC602"),
    ),
    _fault("browsers told to keep every answer", "AC611", On.SOMEWHERE, *_at_server("    expires 1h;")),
    _fault(
        "the query lost",
        "AC513",
        On.SOMEWHERE,
        ("proxy_pass http://antechamber_app;", "proxy_pass http://antechamber_app$uri;"),
    ),
    _fault("cookies taken away", "AC512", On.SOMEWHERE, *_at_server('    proxy_set_header Cookie "";')),
    _fault("Set-Cookie hidden", "AC512", On.SOMEWHERE, *_at_server("    proxy_hide_header Set-Cookie;")),
    _fault("Last-Event-ID taken away", "AC206", On.STREAMS, *_at_server('    proxy_set_header Last-Event-ID "";')),
    _fault(
        "header blocks of 1 KiB",
        "AC515",
        On.SOMEWHERE,
        *_at_server("    large_client_header_buffers 4 1k;\n    client_header_buffer_size 1k;"),
    ),
    _fault(
        "redirects to the inner address",
        "AC514",
        On.SOMEWHERE,
        *_at_server("    proxy_redirect / http://127.0.0.1:3000/;"),
    ),
    _fault(
        "a page for event streams",
        "AC207",
        On.STREAMS,
        *_at_streams('default_type text/html;\nreturn 200 "<!doctype html><title>App</title>";'),
    ),
    _fault(
        "a second password",
        "AC516",
        On.LIVE,
        *_at_server('    auth_basic "private";\n    auth_basic_user_file none;'),
    ),
    _fault(
        "a second Cache-Control",
        "AC610",
        On.SOMEWHERE,
        *_at_server('    add_header Cache-Control "public, max-age=3600" always;'),
    ),
    _fault(
        "live routes cut after two seconds of silence",
        "AC409",
        On.LIVE,
        ("proxy_read_timeout 3600s;", "proxy_read_timeout 2s;"),
        beside=("AC402",),
        patience_s=6.0,
    ),
    _fault(
        "the app not told that a client left",
        "AC306",
        On.STREAMS,
        *_at_server("    proxy_ignore_client_abort on;"),
    ),
    _fault(
        "every Upgrade relayed",
        "AC102",
        On.SOCKETS,
        ("    websocket websocket;\n", "    default $http_upgrade;\n"),
    ),
    _fault(
        "answers may take two seconds",
        "AC402",
        On.SOMEWHERE,
        ("proxy_read_timeout 60s;", "proxy_read_timeout 2s;"),
        patience_s=5.0,
    ),
    _fault(
        "a client may take nothing for two seconds",
        "AC404",
        On.SOMEWHERE,
        ("    send_timeout 60s;", "    send_timeout 2s;"),
        ("    send_timeout 3600s;", "    send_timeout 2s;"),
        patience_s=5.0,
    ),
    _fault(
        "uploads may pause for two seconds",
        "AC410",
        On.SOMEWHERE,
        ("client_body_timeout 60s;", "client_body_timeout 2s;"),
        patience_s=5.0,
    ),
    _fault(
        "a connect limit of one second",
        "AC401",
        On.EVERYWHERE,
        ("proxy_connect_timeout 30s;", "proxy_connect_timeout 1s;"),
        unseen="an app that is up accepts at once, whatever the limit",
    ),
)

"""Single changes for the worse of a rendered configuration, and the rule that each comes under: data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sabotage:
    """``good`` stands in the rendering of ``engine``, ``bad`` comes in its place."""

    engine: str
    rule: str
    good: str
    bad: str

    @property
    def words(self) -> str:
        """The change in a line."""
        return f"`{_plain(self.good)}` becomes `{_plain(self.bad)}`" if self.bad else f"no `{_plain(self.good)}`"


def _plain(text: str) -> str:
    return " ".join(text.split())


_NGINX = [
    ("AC101", "proxy_http_version 1.1", "proxy_http_version 1.0"),
    ("AC101", "proxy_set_header Upgrade $antechamber_upgrade;", ""),
    ("AC101", "Connection $antechamber_connection", 'Connection ""'),
    ("AC102", "    websocket websocket;", "    ~. $http_upgrade;"),
    ("AC201", "proxy_buffering off", "proxy_buffering on"),
    ("AC601", "gzip off", "gzip on; gzip_types text/event-stream"),
    ("AC302", "proxy_request_buffering off", "proxy_request_buffering on"),
    ("AC301", "client_max_body_size 140m", "client_max_body_size 1m"),
    ("AC401", "proxy_connect_timeout 30s", "proxy_connect_timeout 1s"),
    ("AC402", "proxy_read_timeout 60s", "proxy_read_timeout 5s"),
    ("AC403", "proxy_read_timeout 3600s", "proxy_read_timeout 60s"),
    ("AC404", "send_timeout 3600s", "send_timeout 60s"),
    ("AC406", "keepalive_timeout 4s", "keepalive_timeout 60s"),
    ("AC501", "Host $http_host", "Host $proxy_host"),
    ("AC501", "Host $http_host", "Host localhost"),
    ("AC507", "Host $http_host", "Host $host"),
    ("AC502", "X-Forwarded-For $remote_addr", "X-Forwarded-For $proxy_add_x_forwarded_for"),
    ("AC502", "proxy_set_header X-Real-IP $remote_addr;", ""),
    ("AC503", "X-Forwarded-Proto $scheme", "X-Forwarded-Proto $http_x_forwarded_proto"),
    ("AC508", "proxy_set_header X-Forwarded-Host $http_host;", ""),
    ("AC509", "location / {", 'location / { proxy_set_header X-Team "blue";'),
    ("AC505", 'proxy_set_header Forwarded "";', ""),
    ("AC506", 'proxy_set_header X-Original-Url "";', ""),
    ("AC601", "gzip off", "gzip on"),
    ("AC602", "proxy_cache off", "proxy_cache zone"),
    ("AC610", "location / {", "location / { add_header Cache-Control no-store;"),
    ("AC802", "gzip off;", "gzip off; gzip off;"),
    ("AC307", "gzip off;", "gzip off; client_body_buffer_size 50m;"),
]
_HAPROXY = [
    ("AC101", "http-request del-header Upgrade if", "http-request del-header Upgrade\n    #"),
    ("AC102", "http-request del-header Upgrade if", "# "),
    ("AC302", "option http-no-delay", "option http-buffer-request"),
    ("AC301", "req.body_size gt 146800640", "req.body_size gt 1048576"),
    ("AC401", "timeout connect 30s", "timeout connect 5s"),
    ("AC403", "timeout server 3600s", "timeout server 50s"),
    ("AC403", "timeout tunnel 3600s", "timeout tunnel 50s"),
    ("AC502", "X-Forwarded-For %[src]", "X-Forwarded-For %[req.hdr(x-forwarded-for)]"),
    ("AC502", "http-request set-header X-Forwarded-For %[src]", "option forwardfor"),
    ("AC503", "http-request set-header X-Forwarded-Proto", "# "),
    ("AC505", "http-request del-header Forwarded\n", "\n"),
    ("AC506", "http-request del-header X-Original-Url", "# "),
    ("AC601", "option http-no-delay", "compression algo gzip"),
    ("AC501", "http-request del-header Forwarded\n", "http-request set-header Host app\n"),
]
_CADDY = [
    ("AC102", "request_header @foreign_upgrade -Upgrade", ""),
    ("AC101", "request_header @foreign_upgrade -Upgrade", "request_header -Upgrade"),
    ("AC301", "request_body {", "request_body {\nmax_size 1MB\n}\nrequest_body {"),
    ("AC401", "dial_timeout 30s", "dial_timeout 1s"),
    ("AC402", "dial_timeout", "read_timeout 5s\ndial_timeout"),
    ("AC403", "dial_timeout", "read_timeout 60s\ndial_timeout"),
    ("AC406", "keepalive 4s", "keepalive 2m"),
    ("AC501", "header_up -Forwarded\n", "header_up -Forwarded\nheader_up Host app\n"),
    ("AC507", "header_up -Forwarded\n", "header_up -Forwarded\nheader_up Host {host}\n"),
    ("AC502", "X-Forwarded-For {client_ip}", "X-Forwarded-For {header.X-Forwarded-For}"),
    ("AC505", "header_up -Forwarded\n", ""),
    ("AC506", "header_up -X-Original-Url", ""),
    ("AC601", "request_body {", "encode gzip\nrequest_body {"),
    ("AC201", "stream_close_delay", "response_buffers 1MB\nstream_close_delay"),
    ("AC302", "stream_close_delay", "request_buffers 1MB\nstream_close_delay"),
    ("AC801", "stream_close_delay 3600s", ""),
]
SABOTAGES = tuple(
    Sabotage(engine, *change)
    for engine, changes in (("nginx", _NGINX), ("haproxy", _HAPROXY), ("caddy", _CADDY))
    for change in changes
)

"""What nginx does with a directive on several levels, as data (https://nginx.org/en/docs/dirindex.html).

Most directives hold one value: the innermost level that has it wins, and the same one twice on a level is refused at
loading. Those that may stand several times are inherited together or not at all: one ``proxy_set_header`` in a location
and none from further out holds there. Some are not inherited.
"""

from __future__ import annotations

Version = tuple[int, ...]

TOGETHER = frozenset(
    {
        "add_header",
        "add_trailer",
        "allow",
        "deny",
        "error_page",
        "proxy_cache_bypass",
        "proxy_cache_valid",
        "proxy_hide_header",
        "proxy_ignore_headers",
        "proxy_no_cache",
        "proxy_pass_header",
        "proxy_set_header",
        "set_real_ip_from",
    }
)
"""May stand several times; a level that has one inherits none."""

ADDED_UP = frozenset({"more_clear_input_headers", "more_set_input_headers", "more_set_headers", "more_clear_headers"})
"""headers-more runs those of outer levels first, then those of inner ones."""

ONCE = frozenset(
    {
        "alias",
        "auth_basic",
        "auth_basic_user_file",
        "chunked_transfer_encoding",
        "client_body_buffer_size",
        "client_body_timeout",
        "client_header_buffer_size",
        "client_header_timeout",
        "client_max_body_size",
        "default_type",
        "etag",
        "gunzip",
        "gzip",
        "gzip_comp_level",
        "gzip_min_length",
        "gzip_vary",
        "http2",
        "ignore_invalid_headers",
        "keepalive_requests",
        "keepalive_timeout",
        "large_client_header_buffers",
        "lingering_close",
        "lingering_time",
        "lingering_timeout",
        "merge_slashes",
        "proxy_buffer_size",
        "proxy_buffering",
        "proxy_buffers",
        "proxy_busy_buffers_size",
        "proxy_cache",
        "proxy_cache_key",
        "proxy_connect_timeout",
        "proxy_http_version",
        "proxy_intercept_errors",
        "proxy_max_temp_file_size",
        "proxy_next_upstream_timeout",
        "proxy_next_upstream_tries",
        "proxy_pass",
        "proxy_pass_request_body",
        "proxy_pass_request_headers",
        "proxy_read_timeout",
        "proxy_request_buffering",
        "proxy_send_timeout",
        "proxy_socket_keepalive",
        "proxy_ssl_server_name",
        "proxy_store",
        "real_ip_header",
        "real_ip_recursive",
        "reset_timedout_connection",
        "resolver_timeout",
        "root",
        "satisfy",
        "send_timeout",
        "sendfile",
        "server_tokens",
        "ssl_prefer_server_ciphers",
        "ssl_session_cache",
        "ssl_session_tickets",
        "ssl_session_timeout",
        "tcp_nodelay",
        "tcp_nopush",
        "types_hash_max_size",
        "underscores_in_headers",
        "worker_shutdown_timeout",
    }
)
"""Twice on one level is ``"…" directive is duplicate``, and nothing is loaded."""

HTTP_1_1_BY_DEFAULT: Version = (1, 29, 7)
"""Since this version the app is spoken to in HTTP/1.1 with kept connections unless something else is said
(https://nginx.org/en/CHANGES)."""

CONNECT_S = READ_S = SEND_S = CLIENT_BODY_S = CLIENT_HEADER_S = UPSTREAM_KEEPALIVE_S = 60.0
KEEPALIVE_S = 75.0
BODY_BYTES = 1024 * 1024

BODIES_ELSEWHERE = frozenset({"fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass", "empty_gif"})
"""What answers in a location instead of an app behind HTTP."""

PROXIED_HEADERS = {
    "host": "$proxy_host",
    "connection": "close",
    "te": "",
    "keep-alive": "",
    "expect": "",
    "upgrade": "",
}
"""Request fields that nginx sets by itself unless told otherwise (ngx_http_proxy_module.c); others are passed on."""

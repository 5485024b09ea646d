"""What kind of file it is, by its content: names say little (``chamber``, ``site.conf``, ``default``)."""

from __future__ import annotations

import json
import re
from enum import StrEnum

_SQLITE = b"SQLite format 3\0"


class Kind(StrEnum):
    """A kind of file that there is a reader for."""

    NGINX = "nginx"
    CADDYFILE = "caddyfile"
    CADDY_JSON = "caddy-json"
    HAPROXY = "haproxy"
    COMPOSE = "compose"
    NPM_DATABASE = "npm-database"


class Stranger(StrEnum):
    """A configuration of a proxy that nothing here reads yet."""

    APACHE = "an Apache configuration"
    TRAEFIK = "a Traefik configuration"
    ENVOY = "an Envoy configuration"
    KUBERNETES = "a Kubernetes manifest"


_NGINX = re.compile(
    r"^[ \t]*(?:\d+: )?(?:server|location|upstream|map|http|events|geo|proxy_\w+|client_\w+|add_header|listen|"
    r"gzip|include|server_name|ssl_\w+|keepalive_timeout|more_\w+|set|if|return|rewrite)\b[^\n#]*[;{}][ \t]*(?:#.*)?$",
    re.MULTILINE,
)
_HAPROXY = re.compile(r"^(?:global|defaults|(?:frontend|backend|listen)[ \t]+\S+)\b[^;{}\n]*$", re.MULTILINE)
_HAPROXY_LINE = re.compile(
    r"^[ \t]+(?:bind|server|timeout|mode|default_backend|use_backend|option|acl)\b", re.MULTILINE
)
_CADDY = re.compile(
    r"^[ \t]*(?:reverse_proxy|header_up|flush_interval|encode|handle(?:_path)?|tls|transport|request_body|route|import|"
    r"root|file_server|php_fastcgi|respond|redir|log|basic_?auth)\b[^;\n]*$",
    re.MULTILINE,
)
_COMPOSE = re.compile(r"^services:[ \t]*(?:[&{].*)?(?:#.*)?$", re.MULTILINE)
_STRANGERS = (
    (Stranger.APACHE, re.compile(r"^[ \t]*(?:<VirtualHost\b|ProxyPass\b|LoadModule\b)", re.MULTILINE)),
    (Stranger.KUBERNETES, re.compile(r"^apiVersion:[ \t]", re.MULTILINE)),
    (Stranger.ENVOY, re.compile(r"^(?:static_resources|admin):[ \t]*$", re.MULTILINE)),
    (Stranger.TRAEFIK, re.compile(r"^(?:entryPoints|\[entryPoints|http|\[http\.routers)\b.*$", re.MULTILINE)),
)


def kind_of_octets(content: bytes) -> Kind | None:
    """The kind of a file that is no text."""
    return Kind.NPM_DATABASE if content.startswith(_SQLITE) else None


def kind_of(text: str) -> Kind | Stranger | None:
    """The kind of a text; ``None`` for what looks like no proxy's configuration."""
    text = text.replace("\r\n", "\n")
    if text.lstrip().startswith("{") and _is_caddy_json(text):
        return Kind.CADDY_JSON
    if _COMPOSE.search(text):
        return Kind.COMPOSE
    for stranger, pattern in _STRANGERS:
        if pattern.search(text) and not _NGINX.search(text):
            return stranger
    counts = {
        Kind.NGINX: len(_NGINX.findall(text)),
        Kind.HAPROXY: len(_HAPROXY.findall(text)) and len(_HAPROXY_LINE.findall(text)),
        Kind.CADDYFILE: len(_CADDY.findall(text)),
    }
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] else None


def _is_caddy_json(text: str) -> bool:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(tree, dict) and bool({"apps", "admin", "listen", "routes"} & set(tree))

"""Nginx Proxy Manager's own database (SQLite): each proxy host as the file that NPM would write for it.

The order is that of NPM's template (2.15.1): what the tabs say, the Advanced text, NPM's own location unless the text
brings a ``location /``.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.lint.source import Source

_MOST_HOSTS = 500
_OWN_LOCATION = re.compile(r"^(?=.*location\s+/\s*\{)", re.MULTILINE)
_SOCKETS = """\
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_http_version 1.1;
"""


def hosts(path: Path, name: str) -> Iterator[Source]:
    """The file of every host that is enabled. Raises :class:`ConfigError`."""
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            rows = connection.execute(
                "select * from proxy_host where is_deleted = 0 and enabled = 1 limit ?", (_MOST_HOSTS,)
            ).fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ConfigError(f"this is no database of Nginx Proxy Manager: {error}", place=ascii(name)[1:-1]) from None
    for row in rows:
        host = dict(row)
        yield Source(f"{name}, proxy host {host.get('id')}", _text(host))


def _text(host: Mapping[str, object]) -> str:
    sockets = _SOCKETS if host.get("allow_websocket_upgrade") else ""
    advanced = str(host.get("advanced_config") or "")
    tls = bool(host.get("certificate_id"))
    own = f"  location / {{\n{sockets}    include conf.d/include/proxy.conf;\n  }}\n"
    return "".join(
        (
            "server {\n",
            f"  set $forward_scheme {_word(host.get('forward_scheme'), 'http')};\n",
            f'  set $server "{_word(host.get("forward_host"), "app")}";\n',
            f"  set $port {_word(host.get('forward_port'), '80')};\n",
            "  listen 80;\n",
            "  listen 443 ssl;\n" if tls else "",
            f"  server_name {' '.join(_names(host.get('domain_names')))};\n",
            f"  http2 {'on' if host.get('http2_support') else 'off'};\n" if tls else "",
            "  include conf.d/include/assets.conf;\n" if host.get("caching_enabled") else "",
            "  include conf.d/include/force-ssl.conf;\n" if host.get("ssl_forced") else "",
            sockets,
            advanced.strip("\n") + "\n",
            "" if _OWN_LOCATION.search(advanced) else own,
            "  include /data/nginx/custom/server_proxy[.]conf;\n",
            "}\n",
        )
    )


def _word(value: object, otherwise: str) -> str:
    """A plain word; whatever else stands there is not carried into a configuration."""
    text = str(value or otherwise)
    return text if re.fullmatch(r"[\w.:\[\]-]{1,253}", text) else otherwise


def _names(value: object) -> list[str]:
    try:
        found = json.loads(str(value))
    except (ValueError, RecursionError):
        found = []
    return [_word(one, "_") for one in found if isinstance(one, str)] if isinstance(found, list) else ["_"]

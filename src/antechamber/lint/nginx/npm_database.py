"""Nginx Proxy Manager's own database (SQLite): each proxy host as the file that NPM would write for it.

The order is that of NPM's template (2.15.1): what the tabs say, the Advanced text, the custom locations, NPM's own
location unless one of them is ``/``. What a person wrote is read as a text of its own, so that a finding stands at its
line in the field of the form that it was written in.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.lint.nginx.config import NotRead
from antechamber.lint.source import Source

_MOST_HOSTS = 500
_MOST_LOCATIONS = 200
_OWN_LOCATION = re.compile(r"^(?:.*;)?\s*location\s*/\s*\{", re.MULTILINE | re.IGNORECASE)
"""As NPM looks for one in the Advanced text (``backend/internal/nginx.js``)."""
_PATH = re.compile(r"(?:(?:=|~\*?|\^~)[ ]*)?[^\s;{}\"'#\\][^\s;{}\"'#]*")
_ADVANCED = "antechamber-npm-advanced"
_LOCATION = "antechamber-npm-location-"
_SOCKETS = """\
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_http_version 1.1;
"""


@dataclass(frozen=True, slots=True)
class Host:
    """A proxy host: the file that NPM writes, and the parts of it that a person wrote."""

    source: Source
    parts: Mapping[str, Source]
    remarks: tuple[str, ...] = ()

    def find(self, pattern: str) -> list[Source]:
        """A part by the name that the file includes it under. Raises :class:`NotRead` for files of NPM's own."""
        if pattern in self.parts:
            return [self.parts[pattern]]
        raise NotRead("it is not in the database")


def hosts(path: Path, name: str) -> Iterator[Host]:
    """Every host that is enabled. Raises :class:`ConfigError`."""
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
        yield _host(dict(row), name)


def _host(row: Mapping[str, object], file: str) -> Host:
    name = f"{file}, proxy host {row.get('id')}"
    sockets = _SOCKETS if row.get("allow_websocket_upgrade") else ""
    advanced = str(row.get("advanced_config") or "")
    locations, remarks = _locations(row.get("locations"), name)
    parts = {_ADVANCED: Source(f"{name}, Advanced", advanced)} if advanced.strip() else {}
    customs = []
    for number, location in enumerate(locations):
        key = f"{_LOCATION}{number}"
        text = str(location.get("advanced_config") or "")
        if text.strip():
            parts[key] = Source(f"{name}, custom location {location['path']}, Advanced", text)
        customs.append((f"{key}-whole", location, _custom(location, sockets, key if text.strip() else "", row)))
    parts |= {key: Source(f"{name}, custom location {location['path']}", text) for key, location, text in customs}
    takes_root = bool(_OWN_LOCATION.search(advanced)) or any(one["path"] == "/" for one in locations)
    return Host(
        Source(name, _text(row, sockets, parts, [key for key, *_ in customs], own=not takes_root)), parts, remarks
    )


def _locations(value: object, name: str) -> tuple[list[Mapping[str, object]], tuple[str, ...]]:
    """The custom locations whose path nginx would take, and what is to be said of others."""
    try:
        found = json.loads(str(value or "[]"))
    except (ValueError, RecursionError):
        return [], (f"{name}: its custom locations are not readable",)
    kept: list[Mapping[str, object]] = []
    remarks: list[str] = []
    for one in found[:_MOST_LOCATIONS] if isinstance(found, list) else []:
        path = one.get("path") if isinstance(one, dict) else None
        if isinstance(path, str) and len(path) < 1000 and _PATH.fullmatch(path):
            kept.append(one)
        elif path is not None:
            remarks.append(
                f"{name}: the custom location {ascii(path)[:80]} was not read: nginx would not take its path"
            )
    return kept, tuple(remarks)


def _custom(location: Mapping[str, object], sockets: str, advanced: str, row: Mapping[str, object]) -> str:
    """A custom location, in the order of NPM's template: its own text, NPM's fields, where it leads, the switches."""
    host, slash, path = str(location.get("forward_host") or "").partition("/")
    path = f"/{path}" if slash else str(location.get("forward_path") or "")
    target = f"{_word(location.get('forward_scheme'), 'http')}://{_word(host, 'app')}:"
    return "".join(
        (
            f"location {location['path']} {{\n",
            f"    include {advanced};\n" if advanced else "",
            "    proxy_set_header Host $host;\n",
            "    proxy_set_header X-Forwarded-Scheme $scheme;\n",
            "    proxy_set_header X-Forwarded-Proto $scheme;\n",
            "    proxy_set_header X-Forwarded-For $remote_addr;\n",
            "    proxy_set_header X-Real-IP $remote_addr;\n",
            f"    proxy_pass {target}{_word(location.get('forward_port'), '80')}{_path(path)};\n",
            "    include conf.d/include/assets.conf;\n" if row.get("caching_enabled") else "",
            "    include conf.d/include/block-exploits.conf;\n" if row.get("block_exploits") else "",
            "    include conf.d/include/force-ssl.conf;\n" if row.get("ssl_forced") else "",
            sockets,
            "}\n",
        )
    )


def _text(
    row: Mapping[str, object], sockets: str, parts: Mapping[str, Source], customs: list[str], *, own: bool
) -> str:
    tls = bool(row.get("certificate_id"))
    return "".join(
        (
            "server {\n",
            f"  set $forward_scheme {_word(row.get('forward_scheme'), 'http')};\n",
            f'  set $server "{_word(row.get("forward_host"), "app")}";\n',
            f"  set $port {_word(row.get('forward_port'), '80')};\n",
            "  listen 80;\n",
            "  listen 443 ssl;\n" if tls else "",
            f"  server_name {' '.join(_names(row.get('domain_names')))};\n",
            f"  http2 {'on' if row.get('http2_support') else 'off'};\n" if tls else "",
            "  include conf.d/include/assets.conf;\n" if row.get("caching_enabled") else "",
            "  include conf.d/include/force-ssl.conf;\n" if row.get("ssl_forced") else "",
            sockets,
            f"  include {_ADVANCED};\n" if _ADVANCED in parts else "",
            *(f"  include {key};\n" for key in customs),
            f"  location / {{\n{sockets}    include conf.d/include/proxy.conf;\n  }}\n" if own else "",
            "  include /data/nginx/custom/server_proxy[.]conf;\n",
            "}\n",
        )
    )


def _path(value: str) -> str:
    """A path behind an upstream; what could end the directive is not carried into a configuration."""
    return value if re.fullmatch(r"(?:/[^\s;{}\"'#\\$]*)?", value) else "/"


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

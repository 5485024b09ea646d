"""Addresses as people write them: where to listen, what to dial, and the public origin.

``3000`` and ``:3000`` after ``--to`` mean the app on this machine, at 127.0.0.1. After ``--listen`` a bare port stays
on this machine too, while ``:8080`` is every interface, as in Go, Caddy and HAProxy: nothing is opened to a network
unless it is written. An origin is written as browsers send it (RFC 6454, section 6.2).
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from antechamber.policy.model import Address, Origin
from antechamber.policy.value import ValueProblem, quoted, text_of

LOOPBACK = "127.0.0.1"

_LONGEST_UNIX_PATH = 107
"""``sun_path`` has 108 octets with its closing NUL (unix(7))."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_DEFAULT_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ListenAddresses:
    """One place to listen; the option is repeated for more."""

    metavar: str = "ADDRESS"
    forms: str = (
        "`HOST:PORT`, `[::]:PORT` (IPv6), `:PORT` (every interface) or `PORT` (127.0.0.1 only); port 0 takes a free "
        "one; several with commas, as a list, or by repeating the flag"
    )

    def parse(self, raw: object, *, base: Path) -> tuple[Address, ...]:
        written = raw if isinstance(raw, list | tuple) else [raw]
        return tuple(self._one(item) for text in written for item in _pieces(text))

    def _one(self, raw: object) -> Address:
        way_out = "Write HOST:PORT, [IPV6]:PORT, :PORT or PORT, such as 127.0.0.1:8080."
        raw = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        text = text_of(raw, what="an address to listen on", way_out=way_out)
        if found := _SCHEME.match(text):
            raise ValueProblem(f"{quoted(text)} is a URL; listening takes an address only", f"Drop {found[0]}.")
        if text.startswith("unix:"):
            raise ValueProblem("listening on a unix socket is not supported", way_out)
        host, port = _host_and_port(text, way_out)
        if port is None:
            raise ValueProblem(f"{quoted(text)} has no port", way_out)
        return Address(host=LOOPBACK if text.isdigit() else host, port=port)


@dataclass(frozen=True, slots=True)
class Upstream:
    """The app: an ``http://`` URL without a path, a host and port, a port on this machine, or a unix socket."""

    metavar: str = "URL"
    forms: str = (
        "`http://HOST:PORT`, `HOST:PORT`, `:PORT` or `PORT` (the app on 127.0.0.1), `http://[::1]:PORT`, `unix:/PATH`"
    )

    def parse(self, raw: object, *, base: Path) -> Address:
        way_out = "Write http://127.0.0.1:3000, :3000 or unix:/path/to/socket."
        raw = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        text = text_of(raw, what="the app's address", way_out=way_out)
        if text.startswith("unix:"):
            return _unix(text.removeprefix("unix:"), base)
        scheme = _scheme(text)
        authority = _authority(text.removeprefix("http://") if scheme else text, text)
        host, port = _host_and_port(authority, way_out)
        if port is None and not scheme:
            raise ValueProblem(f"{quoted(text)} has no port", f"Write {text}:3000, or http://{text} for port 80.")
        if port == 0:
            raise ValueProblem(f"{quoted(text)} names port 0, which no app listens on", way_out)
        return Address(host=host or LOOPBACK, port=_DEFAULT_PORT["http"] if port is None else port)


@dataclass(frozen=True, slots=True)
class PublicOrigin:
    """The origin that people type into a browser."""

    metavar: str = "ORIGIN"
    forms: str = "`https://HOST` or `https://HOST:PORT` (or `http://`), without a path"

    def parse(self, raw: object, *, base: Path) -> Origin:
        way_out = "Write it as the browser shows it, such as https://chamber.example.com."
        text = text_of(raw, what="an origin", way_out=way_out)
        found = _SCHEME.match(text)
        if found is None:
            raise ValueProblem(f"{quoted(text)} has no scheme", "Write https:// or http:// in front of it.")
        scheme = found[1].lower()
        if scheme not in _DEFAULT_PORT:
            raise ValueProblem(f"{quoted(text)} is not an http or https origin", way_out)
        host, port = _host_and_port(_authority(text[found.end() :], text), way_out)
        if not host or port == 0:
            raise ValueProblem(f"{quoted(text)} names no host that a browser can reach", way_out)
        shown = f"[{host}]" if ":" in host else host.lower()
        return Origin(scheme=scheme, host=shown if port in (None, _DEFAULT_PORT[scheme]) else f"{shown}:{port}")


def _pieces(raw: object) -> list[object]:
    return list(raw.split(",")) if isinstance(raw, str) else [raw]


def _scheme(text: str) -> str:
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    if scheme == "https":
        raise ValueProblem(
            f"{quoted(text)} is an https upstream, which is not supported yet",
            "Name the app's plain http port; browsers still get https from --tls-certificate and --tls-key.",
        )
    if found and (scheme != "http" or found[1] != "http"):
        raise ValueProblem(
            f"{quoted(text)} is not an http URL", "Write http:// in front; WebSockets and event streams need no more."
        )
    return scheme


def _authority(rest: str, whole: str) -> str:
    """``host:port`` out of what follows the scheme; a path, a query or a password is refused."""
    cut = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    authority, path = rest[:cut], rest[cut:]
    if "@" in authority:
        raise ValueProblem("a user name or password in the URL is not supported", "Drop everything up to the @.")
    if path not in ("", "/"):
        raise ValueProblem(
            f"{quoted(whole)} has a path; apps are served at the root only",
            f"Drop {quoted(path)}: the request's own path is passed on unchanged.",
        )
    return authority


def _unix(text: str, base: Path) -> Address:
    path = text.removeprefix("//")
    if not path or "\0" in path:
        raise ValueProblem("the unix socket has no path", "Write unix:/path/to/socket.")
    absolute = str(base / path)
    if len(absolute.encode()) > _LONGEST_UNIX_PATH:
        raise ValueProblem(
            f"the socket's path is longer than the {_LONGEST_UNIX_PATH} bytes that unix sockets allow",
            "Use a shorter path, such as one under /run.",
        )
    if _is_no_socket(absolute):
        raise ValueProblem(f"{absolute} is there and is no socket", "Name the socket that the app listens on.")
    return Address(unix=absolute)


def _is_no_socket(path: str) -> bool:
    try:
        return not stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:  # the app will make it
        return False


def _host_and_port(text: str, way_out: str) -> tuple[str, int | None]:
    """Host (empty where none is written) and port out of ``host:port``, ``[v6]:port``, ``:port`` or ``port``."""
    if text.isascii() and text.isdigit():
        return "", _port(text, way_out)
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueProblem(f"{quoted(text)} has an unclosed or misplaced bracket", way_out)
        _require_ipv6(host, way_out)
        return host, _port(rest[1:], way_out) if rest else None
    if text.count(":") > 1:
        raise ValueProblem(f"{quoted(text)} has several colons", "IPv6 addresses need brackets, as in [::1]:3000.")
    host, colon, port = text.partition(":")
    if host:
        _require_host(host, way_out)
    elif not colon:
        raise ValueProblem("the host is missing", way_out)
    return host, _port(port, way_out) if colon else None


def _port(text: str, way_out: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise ValueProblem(f"{quoted(text)} is not a port (0 to 65535)", way_out)
    return int(text)


def _require_ipv6(host: str, way_out: str) -> None:
    try:
        IPv6Address(host)
    except ValueError:
        raise ValueProblem(f"{quoted(host)} is not an IPv6 address", way_out) from None


def _require_host(host: str, way_out: str) -> None:
    if not host.isascii():
        raise ValueProblem(f"{quoted(host)} is not ASCII", "Write the name as it stands in DNS (xn--…).")
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueProblem(f"{quoted(host)} is not a host name or address", way_out)
    if labels[-1].isdigit():
        try:
            IPv4Address(host)
        except ValueError:
            raise ValueProblem(f"{quoted(host)} is not an IPv4 address", way_out) from None

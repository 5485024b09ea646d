"""A HAR file on its way in: bounded, checked, and without its secrets.

A recording holds cookies, tokens and whole bodies. What is not needed is dropped while the JSON is read, so that no
later step can show it: of a header only three kinds are kept, of a body only its length, of a query only the names.

The format: http://www.softwareishard.com/blog/har-12-spec/. Browsers add fields of their own, all optional here:
``_resourceType``, and the messages of sockets and event streams (``_webSocketMessages``, ``_eventSourceMessages``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_plus, urlsplit

from antechamber.errors import ConfigError
from antechamber.policy.value import ValueProblem
from antechamber.policy.words import read_bounded

LARGEST_FILE = 128 * 1024 * 1024
"""Browsers save bodies too: an afternoon with one page is some 50 MiB."""
STANDARD_INPUT = "-"

_AGAIN = "Save it again: developer tools, Network, Export HAR (Chromium) or Save All As HAR (Firefox)."
_KEPT_HEADERS = frozenset({"content-type", "content-length", "upgrade"})
_DROPPED = ("cookies", "queryString", "params", "data", "_initiator")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_LARGEST_BODY = 1024**4
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_METHOD = re.compile(r"[A-Z]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of a recording, as far as a profile can depend on it."""

    origin: str
    """``http`` and ``https`` also where the URL says ``ws`` and ``wss``: the page's origin is what counts."""
    path: str
    query_keys: frozenset[str] = frozenset()
    method: str = "GET"
    status: int = 0
    """0 where the browser saved none."""
    answer_type: str = ""
    body_type: str = ""
    body_bytes: int = 0
    resource: str = ""
    """What the page wanted it for, where the browser says so: ``document``, ``fetch``, ``websocket`` …"""
    page: str = ""
    """Which page it was made for: browsers number them."""
    upgrade: bool = False
    waited_s: float = 0.0
    messages: int = 0
    """Of a socket or an event stream, in both directions."""
    arrivals_s: tuple[float, ...] = ()
    """When messages came in, in order, in seconds since whenever."""


def read_har(word: str, stdin: BinaryIO) -> tuple[Request, ...]:
    """The requests in the file called ``word``, or on standard input for ``-``. Raises :class:`ConfigError`."""
    if word == STANDARD_INPUT:
        return requests_of(stdin.read(LARGEST_FILE + 1), name="standard input")
    name = ascii(word)[1:-1]
    try:
        return requests_of(read_bounded(Path(word), limit=LARGEST_FILE), name=name)
    except ValueProblem as problem:
        raise ConfigError(ascii(problem.problem)[1:-1], place="HAR", way_out=problem.way_out) from None
    except ValueError:  # a name with a NUL in it
        raise ConfigError("not the name of a file", place=name) from None


def requests_of(content: bytes, *, name: str) -> tuple[Request, ...]:
    """The http and WebSocket requests in ``content``; ``name`` is how messages call it. Raises :class:`ConfigError`."""
    if len(content) > LARGEST_FILE:
        raise ConfigError(f"more than {LARGEST_FILE // 1024 // 1024} MiB came in", place=name, way_out=_AGAIN)
    entries = _entries(_tree(content, name), name)
    found = tuple(request for index, entry in enumerate(entries) for request in _request(entry, name, index))
    if not found:
        raise ConfigError(
            "no request is in it", place=name, way_out="Open the network panel, load the page, use it, then save."
        )
    return found


def _tree(content: bytes, name: str) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"), object_hook=_without_secrets)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8 text, so no HAR file", place=f"{name}:{line}", way_out=_AGAIN) from None
    except json.JSONDecodeError as error:
        problem = f"not JSON, so no HAR file ({error.msg.lower()})"
        raise ConfigError(problem, place=f"{name}:{error.lineno}:{error.colno}", way_out=_AGAIN) from None
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists without end
        raise ConfigError("its JSON is not what a browser writes", place=name, way_out=_AGAIN) from None


def _without_secrets(found: dict[str, object]) -> dict[str, object]:
    for key in _DROPPED:
        found.pop(key, None)
    if isinstance(text := found.get("text"), str):
        found["text"] = len(text)
    if "value" in found and str(found.get("name")).lower() not in _KEPT_HEADERS:
        del found["value"]
    return found


def _entries(tree: object, name: str) -> list[object]:
    entries = _table(_table(tree).get("log")).get("entries")
    if not isinstance(entries, list):
        raise ConfigError("there is no list log.entries, so this is no HAR file", place=name, way_out=_AGAIN)
    return entries


def _request(raw: object, name: str, index: int) -> Iterator[Request]:
    """Nothing for what went over no network: ``data:``, ``blob:``, an extension's own pages."""
    entry = _table(raw)
    request, response = _table(entry.get("request")), _table(entry.get("response"))
    url = request.get("url")
    if not isinstance(url, str):
        raise ConfigError("it has no request.url", place=f"{name}: log.entries[{index}]", way_out=_AGAIN)
    scheme = _SCHEMES.get(url.partition(":")[0].lower())
    if scheme is None:
        return
    try:
        origin, path, query_keys = _pieces(url, scheme)
    except ValueError:  # never quoted: it may hold a password
        place = f"{name}: log.entries[{index}].request.url"
        raise ConfigError("this is not the URL of a request", place=place) from None
    headers, answered = _headers(request), _headers(response)
    post = _table(request.get("postData"))
    messages = _list(entry.get("_webSocketMessages")) or _list(entry.get("_eventSourceMessages"))
    is_socket = url[:2].lower() == "ws" or _lower(entry.get("_resourceType")) == "websocket"
    yield Request(
        origin=origin,
        path=path,
        query_keys=query_keys,
        method=_method(request.get("method")),
        status=_status(response.get("status")),
        answer_type=_media_type(_table(response.get("content")).get("mimeType") or answered.get("content-type")),
        body_type=_media_type(post.get("mimeType") or headers.get("content-type")),
        body_bytes=_body_bytes(request, headers, post),
        resource="websocket" if is_socket else _lower(entry.get("_resourceType")),
        page=_lower(entry.get("pageref")),
        upgrade=_lower(headers.get("upgrade")) == "websocket",
        waited_s=max(_number(_table(entry.get("timings")).get("wait")), 0.0) / 1000,
        messages=len(messages),
        arrivals_s=_arrivals(messages),
    )


def _pieces(url: str, scheme: str) -> tuple[str, str, frozenset[str]]:
    """Origin, path and query keys. Raises :class:`ValueError` for what no browser would have asked for."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise ValueError(host)
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _DEFAULT_PORTS[scheme]) else f":{parts.port}"
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    keys = frozenset(unquote_plus(key) for key, equals, _ in pairs if equals)
    return f"{scheme}://{shown}{port}", parts.path or "/", keys


def _headers(message: Mapping[str, object]) -> dict[str, object]:
    """The first of each name counts: Firefox appends those of a multipart body's parts."""
    found: dict[str, object] = {}
    for pair in map(_table, _list(message.get("headers"))):
        found.setdefault(_lower(pair.get("name")), pair.get("value"))
    return found


def _body_bytes(request: Mapping[str, object], headers: Mapping[str, object], post: Mapping[str, object]) -> int:
    """The largest figure that is given and can be true: browsers leave one or the other at -1 or 0."""
    length = headers.get("content-length")
    stated = int(length) if isinstance(length, str) and re.fullmatch(r"[0-9]{1,15}", length) else 0
    figures = (stated, int(_number(request.get("bodySize"))), int(_number(post.get("text"))))
    return max((figure for figure in figures if 0 < figure <= _LARGEST_BODY), default=0)


def _arrivals(messages: Sequence[object]) -> tuple[float, ...]:
    """Epoch seconds as Chromium writes them; milliseconds and microseconds are told by their size."""
    times = []
    for message in map(_table, messages):
        if message.get("type", "receive") != "receive":
            continue
        time = _number(message.get("time"))
        if time > 0:
            times.append(time / (1e6 if time > 1e14 else 1e3 if time > 1e11 else 1))
    return tuple(sorted(times))


def _number(raw: object) -> float:
    """A number of sane size, else 0."""
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 1e18:
        return float(raw)
    return 0.0


def _status(raw: object) -> int:
    number = int(_number(raw))
    return number if 100 <= number <= 599 else 0


def _method(raw: object) -> str:
    return raw if isinstance(raw, str) and _METHOD.fullmatch(raw) else ""


def _media_type(raw: object) -> str:
    return _lower(raw).partition(";")[0].strip()


def _lower(raw: object) -> str:
    return raw.lower() if isinstance(raw, str) else ""


def _table(raw: object) -> Mapping[str, object]:
    return raw if isinstance(raw, dict) else {}


def _list(raw: object) -> Sequence[object]:
    return raw if isinstance(raw, list) else ()

"""HTTP/1.1 message heads: one strict compiled grammar, octets in, values out (RFC 9112 sections 2 to 5).

The idea: a head either matches the grammar as a whole or it is refused; nothing is repaired. Fields are octets, never
text, so that no codec and no ``strip()`` can see a line end where there is none. All quantifiers that could overlap are
possessive, so matching is linear in the length of the head. What the grammar refuses is explained by a second, slow
look (:func:`_why_request`), off the common path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address

from antechamber.protocol.failure import Failure, RequestFault, ResponseFault

Field = tuple[bytes, bytes]
"""A field line as name and value, as they arrived, without the optional white space around the value."""

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
"""``tchar`` of RFC 9110 5.6.2."""
_VALUE = rb"[\t\x20-\x7e\x80-\xff]"
"""``field-content`` octets of RFC 9110 5.5: visible characters, SP, HTAB and obs-text."""
_FIELDS = rb"((?:" + TOKEN + rb"++:" + _VALUE + rb"*+\r\n)*+)"

_LINE = rb"(" + TOKEN + rb"++) ([!\"$-~]++) HTTP/1\.([01])\r\n"
_REQUEST_LINE = re.compile(_LINE)
_REQUEST = re.compile(_LINE + _FIELDS + rb"\r\n")
_RESPONSE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: (" + _VALUE + rb"*+))?\r\n" + _FIELDS + rb"\r\n")
_FIELD = re.compile(rb"(" + TOKEN + rb"++):[ \t]*+(" + _VALUE + rb"*+)\r\n")
"""The classes are the grammar's own, though what is split has matched it: a set of many octets is a bitmap and takes
two thirds of the time of a negated set of few."""
_STRAY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n|\Z)")
_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]++|\[[0-9A-Fa-f]*+:[0-9A-Fa-f:.]++\])(?::([0-9]{0,5}))?")
_ABSOLUTE = re.compile(rb"https?://([^/?]*+)([/?].*+)?", re.IGNORECASE)

END = b"\r\n\r\n"


@dataclass(slots=True)
class RequestHead:
    """A request line and its fields. ``target`` is as it arrived; ``minor`` is 0 or 1."""

    method: bytes
    target: bytes
    minor: int
    fields: list[Field]


@dataclass(slots=True)
class ResponseHead:
    """A status line and its fields."""

    status: int
    reason: bytes
    minor: int
    fields: list[Field]


def parse_request_head(block: bytes, *, line_limit: int, count_limit: int) -> RequestHead:
    """Read a complete head, from the method to the empty line. Raises :class:`RequestFault`.

    ``line_limit`` bounds the request line in octets (414), ``count_limit`` the number of field lines (431).
    """
    match = _REQUEST.fullmatch(block)
    if match is None or match.start(4) - 2 > line_limit:
        raise _why_request(block, line_limit)
    method, target, minor, section = match.groups()
    fields = parse_fields(section)
    if len(fields) > count_limit:
        raise RequestFault(431, f"more than {count_limit} header fields")
    return RequestHead(method, target, 1 if minor == b"1" else 0, fields)


def split_request_line(block: bytes) -> tuple[bytes, bytes, int, int] | None:
    """Method, target, minor version and where the fields begin; ``None`` if there is no valid request line."""
    match = _REQUEST_LINE.match(block)
    return (match[1], match[2], 1 if match[3] == b"1" else 0, match.end()) if match else None


def parse_response_head(block: bytes, *, count_limit: int) -> ResponseHead:
    """Read a complete response head, from the version to the empty line. Raises :class:`ResponseFault`."""
    match = _RESPONSE.fullmatch(block)
    if match is None:
        raise ResponseFault(Failure.PROTOCOL_ERROR, "the response head is not valid HTTP/1.1")
    minor, status, reason, section = match.groups()
    fields = parse_fields(section)
    if len(fields) > count_limit:
        raise ResponseFault(Failure.RESPONSE_HEADER_SIZE, f"more than {count_limit} header fields in the response")
    return ResponseHead(int(status), reason or b"", 1 if minor == b"1" else 0, fields)


def parse_fields(section: bytes) -> list[Field]:
    """Split a section that already matched the grammar into fields; optional white space goes (RFC 9112 5.1)."""
    fields = _FIELD.findall(section)
    if b" \r\n" in section or b"\t\r\n" in section:
        return [(name, value.rstrip(b" \t")) for name, value in fields]
    return fields


def is_field_section(section: bytes) -> bool:
    """Whether octets are zero or more well-formed field lines: for trailers (RFC 9112 7.1.2)."""
    return _FIELD_SECTION.fullmatch(section) is not None


_FIELD_SECTION = re.compile(_FIELDS)


def hopeless(start: bytes | bytearray, scanned: int) -> str:
    """Why an unfinished request head can never become a valid one, or an empty string while it still may.

    ``scanned`` octets were looked at before. Without this look, a peer that speaks TLS, HTTP/2 or bare line feeds
    would be left waiting for the head timeout instead of being told at once, and so would an HTTP/0.9 client, who
    sends nothing behind the request line.
    """
    if _TCHAR_OR_CR.match(start) is None:
        return "this is not HTTP/1.1"
    if has_stray(start, scanned):
        return "control characters or bare line ends in the request head"
    line_end = start.find(b"\r\n")
    if line_end + 2 > max(1, scanned) and _LIKE_A_REQUEST_LINE.match(start) is None:
        return "the request line is not: method, one space, target, one space, version"
    return ""


def has_stray(start: bytes | bytearray, scanned: int) -> bool:
    """Whether there are octets in an unfinished head that no head may hold; ``scanned`` were looked at before."""
    return _STRAY.search(start, max(0, scanned - 1)) is not None


_TCHAR_OR_CR = re.compile(TOKEN + rb"|\r")
_LIKE_A_REQUEST_LINE = re.compile(TOKEN + rb"++ [!-~\x80-\xff]++ HTTP/[0-9]\.[0-9]\r\n")
"""What has an answer of its own (another version, a target to be encoded) gets it when the head is complete."""


def skip_empty_lines(start: bytes) -> bytes:
    """Forgive a few empty lines before a request line (RFC 9112 2.2: at least one)."""
    match = _EMPTY_LINES.match(start)
    return start[match.end() :] if match else start


_EMPTY_LINES = re.compile(rb"(?:\r\n){1,4}")


def is_host(value: bytes) -> bool:
    """Whether ``value`` is ``uri-host [":" port]`` (RFC 9112 3.2), without the sub-delimiters nobody can register."""
    match = _HOST.fullmatch(value)
    if match is None or (match[1] and int(match[1]) > 65535):
        return False
    return not value.startswith(b"[") or _is_ipv6(value[1 : value.index(b"]")])


def _is_ipv6(text: bytes) -> bool:
    try:
        IPv6Address(text.decode("ascii"))
    except ValueError:
        return False
    return True


def split_absolute(target: bytes) -> tuple[bytes, bytes]:
    """Split an absolute-form target into authority and origin-form (RFC 9112 3.2.2). Raises :class:`RequestFault`."""
    match = _ABSOLUTE.fullmatch(target)
    if match is None or not is_host(match[1]):
        raise RequestFault(400, "the request target is neither a path nor an http URL with a valid host")
    rest = match[2] or b"/"
    return match[1], rest if rest.startswith(b"/") else b"/" + rest


def serialise(start_line: bytes, fields: list[Field]) -> bytes:
    """Write a head: the start line without its line end, the fields, the empty line."""
    return b"".join((start_line, b"\r\n", *[b"%b: %b\r\n" % field for field in fields], b"\r\n"))


def _why_request(block: bytes, line_limit: int) -> RequestFault:
    line, _, section = block.partition(b"\r\n")
    if len(line) > line_limit:
        return RequestFault(414, f"the request line is longer than {line_limit} bytes")
    if _STRAY.search(block):
        return RequestFault(400, "control characters or bare line ends in the request head")
    words = line.split(b" ")
    if len(words) != 3:
        return RequestFault(400, "the request line is not: method, one space, target, one space, version")
    if _VERSION.fullmatch(words[2]) and not words[2].startswith(b"HTTP/1."):
        return RequestFault(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    if re.fullmatch(TOKEN + rb"+", words[0]) is None:
        return RequestFault(400, "the method is not a token")
    if re.fullmatch(rb"[!\"$-~]+", words[1]) is None:
        return RequestFault(400, "the request target holds characters that must be percent-encoded")
    if words[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        return RequestFault(400, "the version is not HTTP/1.1")
    return RequestFault(400, f"header line {_bad_line(section)} is malformed")


def _bad_line(section: bytes) -> int:
    lines = section.split(b"\r\n")
    return next((i for i, line in enumerate(lines, 1) if not is_field_section(line + b"\r\n")), len(lines))

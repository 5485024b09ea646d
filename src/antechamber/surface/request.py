"""What a probe asks for: the ``Antechamber-Probe`` field, its grammar and its bounds.

A request on *any* path may carry this field; whoever answers probes (the chamber, a witness) then answers it on that
very path, so that what a proxy does to that path is seen as it is. The same value may stand in the query, percent
encoded, as ``antechamber-probe=``: browsers cannot set fields on event streams and WebSockets. If both are there, the
field counts. ABNF in the words of RFC 9110:

.. code-block:: text

    Antechamber-Probe = probe-token 1*( OWS ";" OWS parameter )
    probe-token       = 8*128( ALPHA / DIGIT / "-" / "." / "_" / "~" )
    parameter         = key "=" value
    key               = 1*( lower-case ALPHA / "-" )
    value             = 1*256( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" / ":" / "=" )

The first parameter must be ``do``. Each key may stand once, only where the table has it, within its bounds. Anything
else is refused with ``400`` and one line that says what is wrong: a probe that misspells a parameter must not be
answered as if it had not sent it. Seconds may have a fraction of up to six digits.

=============  ==================  ===============  ==========================================================
key            with ``do=``        value            meaning (default)
=============  ==================  ===============  ==========================================================
``do``         -                   echo stream      what to do
                                   sink departure
                                   redirect
``id``         all                 1-64 characters  sent back, to tell answers apart (none)
``wait``       all                 0-7200 s         wait before the head of the answer or the ``101`` (0)
``marker``     echo                a value          secrets in the echo are shown if they equal it (none: never)
``count``      stream              1-100000         events, pieces or messages to send (3)
``pace``       stream              0-7200 s         from one to the next (0.25)
``quiet``      stream              0-7200 s         nothing is sent after the head before the first one (0)
``silence``    stream              0-7200 s         nothing is sent before the last one, besides the pace (0)
``size``       stream              0-1048576        octets of padding in each (0)
``as``         stream              events bytes     ``text/event-stream``, or ``application/octet-stream`` (events)
``accel``      stream              no absent        send ``X-Accel-Buffering: no``, or not (no)
``length``     stream              absent known     announce ``Content-Length``, or not (absent)
``comments``   stream              absent sent      a comment before each event, as heartbeats are sent (absent)
``rate``       sink                1-1073741824     octets a second to read at most (65536)
``within``     departure           0-60 s           how long to wait for a client to leave (0)
=============  ==================  ===============  ==========================================================

Over all: a stream lasts at most 7200 s by its own plan and carries at most 256 MiB of padding. ``departure`` needs an
``id``: it asks about the stream that had it. It and ``redirect`` are asked with a request, not on a WebSocket.

The answers are described where they are made: :mod:`antechamber.surface.answers`, and
:mod:`antechamber.surface.socket` for WebSockets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

FIELD_NAME = "Antechamber-Probe"
QUERY_KEY = "antechamber-probe"

MAX_FIELD_BYTES = 1024
MAX_SECONDS = 7200.0
"""Twice the 3600 s read timeout that guides recommend: it must be possible to see that timeout strike."""
MAX_WITHIN_S = 60.0
MAX_COUNT = 100_000
MAX_SIZE_BYTES = 1024 * 1024
MAX_STREAM_BYTES = 256 * 1024 * 1024
MAX_RATE = 1024 * 1024 * 1024

_TOKEN = re.compile(r"[A-Za-z0-9._~-]{8,128}")
_PARAMETER = re.compile(r"([a-z-]+)=([A-Za-z0-9._~+/:=-]{1,256})")
_SECONDS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,6})?")
_INTEGER = re.compile(r"[0-9]{1,10}")
_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")


class ProbeRequestError(ValueError):
    """The field is there with the right token, but what it asks cannot be understood. The text is for the prober."""


class Do(StrEnum):
    """What is asked: tell what arrived, send in time, read slowly, tell who has left, or lead elsewhere."""

    ECHO = "echo"
    STREAM = "stream"
    SINK = "sink"
    DEPARTURE = "departure"
    REDIRECT = "redirect"

    @property
    def on_socket(self) -> bool:
        """Whether a WebSocket can be asked for it."""
        return self in (Do.ECHO, Do.STREAM, Do.SINK)


class Form(StrEnum):
    """What a stream is made of."""

    EVENTS = "events"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """What a probe asks for. Every value is within the bounds of the table above once it came from :func:`parse`."""

    do: Do
    id: str = ""
    wait_s: float = 0.0
    marker: str = ""
    count: int = 3
    pace_s: float = 0.25
    quiet_s: float = 0.0
    silence_s: float = 0.0
    size_bytes: int = 0
    form: Form = Form.EVENTS
    accel_buffering_no: bool = True
    known_length: bool = False
    comments: bool = False
    rate_bytes_per_s: int = 65536
    within_s: float = 0.0

    @property
    def planned_s(self) -> float:
        """How long the answer takes by its own plan, from request to end, when nobody slows it down."""
        if self.do is not Do.STREAM:
            return self.wait_s
        return self.wait_s + self.quiet_s + self.silence_s + self.pace_s * (self.count - 1)


_EVERYWHERE = frozenset(Do)
_KEYS: Mapping[str, tuple[str, frozenset[Do]]] = {
    "do": ("do", _EVERYWHERE),
    "id": ("id", _EVERYWHERE),
    "wait": ("wait_s", _EVERYWHERE),
    "marker": ("marker", frozenset({Do.ECHO})),
    "count": ("count", frozenset({Do.STREAM})),
    "pace": ("pace_s", frozenset({Do.STREAM})),
    "quiet": ("quiet_s", frozenset({Do.STREAM})),
    "silence": ("silence_s", frozenset({Do.STREAM})),
    "size": ("size_bytes", frozenset({Do.STREAM})),
    "as": ("form", frozenset({Do.STREAM})),
    "accel": ("accel_buffering_no", frozenset({Do.STREAM})),
    "length": ("known_length", frozenset({Do.STREAM})),
    "comments": ("comments", frozenset({Do.STREAM})),
    "rate": ("rate_bytes_per_s", frozenset({Do.SINK})),
    "within": ("within_s", frozenset({Do.DEPARTURE})),
}
"""Key on the wire: name of the attribute, and what it may stand with. One table for parsing and formatting."""

_DEFAULTS = {field.name: field.default for field in fields(ProbeRequest)}


def is_token(token: str) -> bool:
    """Whether ``token`` may be a probe token at all: 8 to 128 unreserved characters."""
    return _TOKEN.fullmatch(token) is not None


def token_of(value: str) -> str:
    """The part of a field value that is the token, unjudged; empty when there is none."""
    return value.partition(";")[0].strip(" \t")


def parse(value: str) -> ProbeRequest:
    """Read a whole field value, its token aside (compare :func:`token_of` first).

    Raises :class:`ProbeRequestError` with one line for the prober.
    """
    if len(value) > MAX_FIELD_BYTES:
        raise ProbeRequestError(f"the field is longer than {MAX_FIELD_BYTES} octets")
    given = dict(_parameters(value))
    if next(iter(given), "") != "do":
        raise ProbeRequestError(f"the first parameter must be do={'|'.join(Do)}")
    do = Do(_choice("do", given["do"], tuple(Do)))
    for key in given:
        if do not in _KEYS[key][1]:
            raise ProbeRequestError(f"{key} means nothing with do={do}")
    request = ProbeRequest(
        do=do,
        id=_identifier(given.get("id", "")),
        wait_s=_seconds(given, "wait", default=0.0),
        marker=given.get("marker", ""),
        count=_integer(given, "count", least=1, most=MAX_COUNT, default=3),
        pace_s=_seconds(given, "pace", default=0.25),
        quiet_s=_seconds(given, "quiet", default=0.0),
        silence_s=_seconds(given, "silence", default=0.0),
        size_bytes=_integer(given, "size", least=0, most=MAX_SIZE_BYTES, default=0),
        form=Form(_choice("as", given.get("as", Form.EVENTS), tuple(Form))),
        accel_buffering_no=_choice("accel", given.get("accel", "no"), ("no", "absent")) == "no",
        known_length=_choice("length", given.get("length", "absent"), ("absent", "known")) == "known",
        comments=_choice("comments", given.get("comments", "absent"), ("absent", "sent")) == "sent",
        rate_bytes_per_s=_integer(given, "rate", least=1, most=MAX_RATE, default=65536),
        within_s=_seconds(given, "within", default=0.0, most=MAX_WITHIN_S),
    )
    _check_totals(request)
    return request


def format_field(request: ProbeRequest, token: str) -> str:
    """The field value that asks for ``request``: ``parse(format_field(r, t)) == r`` for every ``r`` within bounds
    (seconds to the microsecond).

    Parameters at their defaults are left out. For the query, percent encode the result
    (``urllib.parse.urlencode({QUERY_KEY: value})``). Raises ``ValueError`` when the request or the token is not one
    that :func:`parse` would take.
    """
    if not is_token(token):
        raise ValueError("a probe token is 8 to 128 of A-Z a-z 0-9 - . _ ~")
    parts = [token]
    for key, (name, _) in _KEYS.items():
        asked = getattr(request, name)
        if key == "do" or asked != _DEFAULTS[name]:
            parts.append(f"{key}={_written(key, asked)}")
    field = "; ".join(parts)
    if parse(field) != _to_the_microsecond(request):
        raise ValueError(f"not a request that can be written: {request}")
    return field


def _to_the_microsecond(request: ProbeRequest) -> ProbeRequest:
    """What can be written of seconds: six digits behind the point."""
    return replace(
        request,
        wait_s=round(request.wait_s, 6),
        pace_s=round(request.pace_s, 6),
        quiet_s=round(request.quiet_s, 6),
        silence_s=round(request.silence_s, 6),
        within_s=round(request.within_s, 6),
    )


def _written(key: str, asked: object) -> str:
    match key, asked:
        case "accel", bool():
            return "no" if asked else "absent"
        case "length", bool():
            return "known" if asked else "absent"
        case "comments", bool():
            return "sent" if asked else "absent"
        case _, float():
            return f"{asked:.6f}".rstrip("0").rstrip(".")
        case _:
            return str(asked)


def _parameters(value: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for text in value.split(";")[1:]:
        found = _PARAMETER.fullmatch(text.strip(" \t"))
        if found is None:
            raise ProbeRequestError(f"not a key=value parameter: {text.strip()[:80]!r}")
        key, given = found.groups()
        if key not in _KEYS:
            raise ProbeRequestError(f"unknown parameter {key!r}; known are {', '.join(_KEYS)}")
        if key in seen:
            raise ProbeRequestError(f"{key} stands twice")
        seen.add(key)
        yield key, given


def _choice(key: str, given: str, choices: tuple[str, ...]) -> str:
    if given not in choices:
        raise ProbeRequestError(f"{key} must be one of {', '.join(choices)}, not {given[:80]!r}")
    return given


def _identifier(given: str) -> str:
    if given and _ID.fullmatch(given) is None:
        raise ProbeRequestError("id must be 1 to 64 of A-Z a-z 0-9 - . _ ~")
    return given


def _seconds(given: Mapping[str, str], key: str, *, default: float, most: float = MAX_SECONDS) -> float:
    if key not in given:
        return default
    if _SECONDS.fullmatch(given[key]) is None or float(given[key]) > most:
        raise ProbeRequestError(f"{key} must be seconds from 0 to {most:g}, not {given[key][:80]!r}")
    return float(given[key])


def _integer(given: Mapping[str, str], key: str, *, least: int, most: int, default: int) -> int:
    if key not in given:
        return default
    if _INTEGER.fullmatch(given[key]) is None or not least <= int(given[key]) <= most:
        raise ProbeRequestError(f"{key} must be a whole number from {least} to {most}, not {given[key][:80]!r}")
    return int(given[key])


def _check_totals(request: ProbeRequest) -> None:
    if request.do is Do.DEPARTURE and not request.id:
        raise ProbeRequestError("departure needs the id of the stream that it asks about")
    if request.planned_s > MAX_SECONDS:
        raise ProbeRequestError(f"the answer would take {request.planned_s:g} s; at most {MAX_SECONDS:g} s are allowed")
    if request.count * request.size_bytes > MAX_STREAM_BYTES:
        raise ProbeRequestError(f"count times size may be at most {MAX_STREAM_BYTES} octets")

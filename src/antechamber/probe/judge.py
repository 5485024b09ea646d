"""What two looks at one route say together: through the chain as directly, or not, or that it cannot be told.

Pure: two values in, one out. These are the simple verdicts of a comparison; which fault it is, and how to mend it, is
for the rules. Tolerances are wide on purpose: a held event is late by the rest of the stream, never by a little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from antechamber.policy.model import Kind, Route
from antechamber.probe.events import EVENT_STREAM
from antechamber.probe.look import UPLOAD_PACE_S, Look, Rung
from antechamber.probe.transcript import End, HttpTranscript

LATE_S = 0.2
"""Through may be later than direct by this much. A bound for a loaded machine; buffering costs whole pauses."""

REFUSALS = frozenset({401, 403, 429, 500, 502, 503, 504})
"""Statuses that say nothing about the route: not let in, or the app itself is not well."""


class Outcome(StrEnum):
    OK = "ok"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``why`` is a sentence for people: what differs, or why it cannot be told; empty when all is well."""

    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the app must be able to learn about the way a request came."""

    host: str
    scheme: str


def judge(route: Route, direct: Look, through: Look, expected: Expected) -> Verdict:
    """Compare two looks at ``route``; the first difference is the one that is told."""
    if unknown := _cannot_tell(direct):
        return Verdict(Outcome.CANNOT_TELL, unknown)
    differences = (
        *_answers(route, direct, through),
        *_first_thing(route, direct, through),
        *_observed(route, direct, through),
        *_uploads(direct, through),
        *_fields(through, expected),
    )
    return Verdict(Outcome.DIFFERS, differences[0]) if differences else Verdict(Outcome.OK, _remark(route, direct))


def missing_fields(look: Look, expected: Expected) -> list[str]:
    """The names of the fields that the app needs and did not get, or got with another value."""
    if look.echo is None:
        return []
    fields = look.echo.fields
    host = fields.get("x-forwarded-host") or fields.get("host")
    found = {
        "Host": host == expected.host,
        "X-Forwarded-For": bool(fields.get("x-forwarded-for")),
        "X-Forwarded-Proto": fields.get("x-forwarded-proto") == expected.scheme,
    }
    return [name for name, arrived in found.items() if not arrived]


def _cannot_tell(direct: Look) -> str:
    """Why nothing can be compared: neither the app nor the surface answers directly."""
    answers = [answer for answer in (direct.real, direct.stream, direct.echo_answer) if answer is not None]
    if not answers:
        return "not asked: it would change something, and nothing answers probes there"
    if all(answer.status is None for answer in answers):
        return f"no answer directly either: {answers[0].ending.detail or answers[0].ending.end.value}"
    if direct.real is not None and direct.real.status in REFUSALS:
        return f"refused directly too: {_told(direct.real)}"
    if direct.real is None and direct.echo is None:
        return f"nothing answers probes there: {_told(answers[0])}"
    return ""


def _remark(route: Route, direct: Look) -> str:
    """What a good verdict does not cover: a live route that this app does not have is seen by probes alone."""
    if not route.kind.live or direct.real is None:
        return ""
    is_live = direct.real.media_type == EVENT_STREAM if route.kind is Kind.SSE else direct.refusal is None
    return "" if is_live else f"the app does not have it ({_told(direct.real)}); observed in place"


def _answers(route: Route, direct: Look, through: Look) -> Iterator[str]:
    """The status and the kind of content, of the real route and of the observed one."""
    pairs = [(direct.real, through.real), (direct.stream, through.stream), (direct.echo_answer, through.echo_answer)]
    for straight, around in pairs:
        if straight is None or around is None or straight.status is None:
            continue
        if _told(straight) != _told(around):
            yield f"{_told(around)}, directly {_told(straight)}"
        elif around.field(b"content-encoding") != straight.field(b"content-encoding") and route.kind.live:
            yield f"compressed on the way ({(around.field(b'content-encoding') or b'').decode('latin-1')})"
    if direct.refusal != through.refusal:
        yield f"the handshake fails: {through.refusal}"


def _first_thing(route: Route, direct: Look, through: Look) -> Iterator[str]:
    """What the app sends first on the real route."""
    if not route.kind.live or direct.first_s is None:
        return
    if through.first_s is None:
        detail = through.real.ending.detail if through.real else ""
        yield f"connected, but what the app sends first never came ({detail or 'directly it does'})"
    elif through.first_s - direct.first_s > LATE_S:
        yield f"what the app sends first came {through.first_s - direct.first_s:.1f} s late"


def _observed(route: Route, direct: Look, through: Look) -> Iterator[str]:
    """The observing stream: was its head held, were its events."""
    if direct.stream is None or through.stream is None or not direct.sightings:
        return
    head, straight_head = through.stream.head_s, direct.stream.head_s
    if head is not None and straight_head is not None and head - straight_head > LATE_S:
        yield f"the head was held for {head - straight_head:.1f} s"
    if len(through.sightings) < len(direct.sightings):
        detail = through.stream.ending.detail or "then it ended"
        yield f"{len(through.sightings)} of {len(direct.sightings)} events came ({detail})"
    elif (lag := (through.lag_s or 0.0) - (direct.lag_s or 0.0)) > LATE_S:
        yield f"{'frames' if route.kind is Kind.WEBSOCKET else 'events'} came up to {lag:.1f} s late"


def _uploads(direct: Look, through: Look) -> Iterator[str]:
    for straight, around in zip(direct.ladder, through.ladder, strict=False):
        if straight.intact and not around.intact:
            yield f"an upload of {_size(around)} {_met(around)}"
    if direct.echo is None or through.echo is None:
        return
    if direct.echo.spread_s >= UPLOAD_PACE_S and through.echo.spread_s < UPLOAD_PACE_S / 2:
        yield "an upload was held until it was complete"


def _size(rung: Rung) -> str:
    return (
        f"{rung.size_bytes // 1024} KiB" if rung.size_bytes < 1024 * 1024 else f"{rung.size_bytes // 1024 // 1024} MiB"
    )


def _met(rung: Rung) -> str:
    if rung.status == 200:
        return "arrived changed"
    return f"is answered {rung.status}" if rung.status else "is not answered"


def _fields(through: Look, expected: Expected) -> Iterator[str]:
    for name in missing_fields(through, expected):
        assert through.echo is not None
        arrived = through.echo.fields.get(name.lower())
        yield f"{name} did not arrive" if arrived is None else f"{name} arrived as {arrived}"


def _told(answer: HttpTranscript) -> str:
    """An answer in two words: what a person would say of it."""
    if answer.status is not None:
        return f"{answer.status} {answer.media_type}".rstrip()
    if answer.ending.end is End.SILENT:
        return "no answer"
    return answer.ending.detail or answer.ending.end.value

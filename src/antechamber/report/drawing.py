"""The drawing of an event stream: above, when the app sent each event; below, when it arrived; a line joins the two.

A stream that passes at once is a row of upright strokes. One that is held or batched is a fan that closes where the
buffer gave way: the fault is seen before a figure is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from antechamber.report.run import Lane, Moment, Timeline

WIDTH = 880.0
_LEFT, _RIGHT = 132.0, 24.0
_LANE, _GAP, _HEAD, _FOOT = 58.0, 30.0, 16.0, 30.0
_MOST_MOMENTS = 300
"""More than this is one black bar, and a large file."""

LATE_S = 0.2
"""From here on an event counts as late: buffering costs whole pauses, a loaded machine less than this."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One event: where it left, and where it arrived (``None`` if it never did)."""

    sent_x: float
    arrived_x: float | None
    late: bool
    told: str


@dataclass(frozen=True, slots=True)
class Track:
    """One lane, ready to draw; ``top`` is when things are sent, ``bottom`` when they arrive."""

    label: str
    summary: str
    top: float
    bottom: float
    head_x: float | None
    end_x: float
    end: str
    strokes: tuple[Stroke, ...]
    omitted: int


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that a template needs to write an SVG."""

    title: str
    width: float
    height: float
    left: float
    right: float
    axis: float
    ticks: tuple[Tick, ...]
    tracks: tuple[Track, ...]


def draw(timeline: Timeline) -> Drawing:
    """``timeline`` with its places in pixels; all lanes share one clock."""
    span_s = max([0.1, *(_last_s(lane) for lane in timeline.lanes)])
    right = WIDTH - _RIGHT

    def place(at_s: float) -> float:
        return round(_LEFT + (right - _LEFT) * min(max(at_s, 0.0), span_s) / span_s, 1)

    sent_s = {one.number: one.sent_s for lane in timeline.lanes for one in lane.moments if one.sent_s is not None}
    tracks = []
    for number, lane in enumerate(timeline.lanes):
        top = _HEAD + number * (_LANE + _GAP) + 14
        tracks.append(
            Track(
                label=lane.label,
                summary=summary(lane),
                top=top,
                bottom=top + _LANE - 14,
                head_x=None if lane.head_s is None else place(lane.head_s),
                end_x=place(lane.end_s),
                end=lane.end,
                strokes=tuple(
                    _stroke(one, place(_sent_s(one, sent_s)), _arrived(one, place)) for one in _some(lane.moments)
                ),
                omitted=max(0, len(lane.moments) - _MOST_MOMENTS),
            )
        )
    axis = _HEAD + len(timeline.lanes) * (_LANE + _GAP)
    ticks = tuple(Tick(place(at_s), f"{at_s:g} s") for at_s in _ticks(span_s))
    return Drawing(timeline.path, WIDTH, axis + _FOOT, _LEFT, right, axis, ticks, tuple(tracks))


def summary(lane: Lane) -> str:
    """A lane in words: how many events came, and how late the latest was."""
    came = [one for one in lane.moments if one.arrived_s is not None]
    head = "no head came" if lane.head_s is None else f"head after {_time(lane.head_s)}"
    count = f"{len(came)} of {len(lane.moments)}" if len(came) < len(lane.moments) else str(len(came))
    lags = [lag for one in came if (lag := lag_s(one)) is not None]
    latest = f", at most {_time(max(lags))} late" if lags else ""
    return f"{head}; {count} event{'' if len(lane.moments) == 1 else 's'} came{latest}"


def lag_s(moment: Moment) -> float | None:
    """How long an event was on its way, if both ends are known."""
    if moment.sent_s is None or moment.arrived_s is None:
        return None
    return max(0.0, moment.arrived_s - moment.sent_s)


def _stroke(moment: Moment, sent_x: float, arrived_x: float | None) -> Stroke:
    lag = lag_s(moment)
    if moment.arrived_s is None:
        told = f"event {moment.number} never came"
    elif lag is None:
        told = f"event {moment.number} came after {_time(moment.arrived_s)}"
    else:
        told = f"event {moment.number} came {_time(lag)} after it was sent"
    return Stroke(sent_x, arrived_x, arrived_x is None or (lag is not None and lag > LATE_S), told)


def _sent_s(moment: Moment, elsewhere: Mapping[int, float]) -> float:
    """When it was sent. Of one that never came the app has told nothing here; it did on the other lanes."""
    if moment.sent_s is not None:
        return moment.sent_s
    return moment.arrived_s if moment.arrived_s is not None else elsewhere.get(moment.number, 0.0)


def _arrived(moment: Moment, place: Callable[[float], float]) -> float | None:
    return None if moment.arrived_s is None else place(moment.arrived_s)


def _some(moments: Sequence[Moment]) -> Sequence[Moment]:
    """All moments, or as many as can be told apart, evenly spread."""
    if len(moments) <= _MOST_MOMENTS:
        return moments
    return [moments[index * len(moments) // _MOST_MOMENTS] for index in range(_MOST_MOMENTS)]


def _last_s(lane: Lane) -> float:
    times = [lane.end_s, lane.head_s or 0.0]
    times += [at_s for one in lane.moments for at_s in (one.sent_s, one.arrived_s) if at_s is not None]
    return max(times)


def _ticks(span_s: float) -> list[float]:
    """Round times, some five to ten of them."""
    step = 10.0 ** math.floor(math.log10(span_s / 5))
    step *= next(factor for factor in (1, 2, 5, 10) if span_s / (step * factor) <= 8)
    return [round(number * step, 6) for number in range(int(span_s / step + 1e-9) + 1)]


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"

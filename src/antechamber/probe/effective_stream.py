"""What looks at an event stream show: its head, its events in time, what was done to it on the way."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import AT_ONCE, BATCHED, HELD, Observation
from antechamber.probe.facts import Facts
from antechamber.probe.look import Look
from antechamber.probe.pacing import SHARE, are_stored, pace_of
from antechamber.probe.seen import Seen, is_event_stream
from antechamber.probe.telling import coding_of, ms, told
from antechamber.probe.transcript import HttpTranscript

_TIMED = (Observation.HEAD, Observation.EVENTS, Observation.STREAM_END)


def stream_facts(seen: Seen, facts: Facts) -> None:
    """Everything that a look at an event stream shows."""
    if not (_observed(seen, facts) or _real(seen, facts)):
        facts.unseen(*_TIMED, because=_why_not(seen))
    _comments(seen, facts)
    _coding(seen, facts)
    _no_transform(seen.through, facts)
    _hint(seen, facts)


def _observed(seen: Seen, facts: Facts) -> bool:
    """The observing stream, where it answers directly: it says itself when each event was sent."""
    through, direct = seen.through, seen.direct
    stream, asked = through.stream, through.asked
    expected = direct.sightings if direct is not None else through.sightings
    if stream is None or asked is None or len(expected) < 2:
        return False
    if not is_event_stream(stream):
        if stream.status is None:
            _nothing_came(stream, facts)
        return stream.status is None
    if direct is not None and are_stored(through.sightings, direct.sightings):
        facts.unseen(*_TIMED, because="its events had been sent before it was asked for: they come out of a cache")
        return True
    _head(stream, asked.quiet_s, direct.stream if direct else None, facts)
    if len(through.sightings) < asked.count:
        came = f"{len(through.sightings)} of {asked.count} events came: {_ended(stream)}"
        if len(through.sightings) == 0:
            facts.saw(Observation.EVENTS, HELD, came)
        else:
            facts.saw(Observation.STREAM_END, "cut", came)
    else:
        facts.saw(Observation.STREAM_END, "open", f"all {asked.count} events came")
    if (pace := pace_of(through.sightings, asked, direct.sightings if direct else ())) is not None:
        facts.saw(Observation.EVENTS, pace.value, pace.evidence)
        if pace.value != BATCHED:  # in lumps it is passed on all the same
            facts.holds(PolicyField.RESPONSE_STREAMED, pace.value == AT_ONCE, pace.evidence)
    return True


def _comments(seen: Seen, facts: Facts) -> None:
    """Whether comments arrive that the observing stream sent; an app's own are heartbeats, and seldom due."""
    look, straight = seen.through, seen.direct
    if look.asked is None or not look.asked.comments or not look.sightings:
        facts.unseen(Observation.COMMENTS, because="no event of an observing stream came, before which comments go")
    elif straight is not None and not straight.comments:
        facts.unseen(Observation.COMMENTS, because="directly no comment came either")
    else:
        came = f"{look.comments} comments came with {len(look.sightings)} events"
        facts.saw(Observation.COMMENTS, look.comments > 0, came, certain=straight is not None)


def _head(stream: HttpTranscript, quiet_s: float, direct: HttpTranscript | None, facts: Facts) -> None:
    assert stream.head_s is not None
    straight_s = direct.head_s or 0.0 if direct is not None else 0.0
    if stream.head_s - straight_s > SHARE * quiet_s:
        evidence = f"it came after {ms(stream.head_s)}, directly after {ms(straight_s)}"
        facts.saw(Observation.HEAD, HELD, evidence)
    else:
        facts.saw(Observation.HEAD, AT_ONCE, f"it came after {ms(stream.head_s)}")


def _real(seen: Seen, facts: Facts) -> bool:
    """The app's own stream, where nobody observes in place: its head, and what it sends first."""
    through, direct = seen.through, seen.direct
    if through.real is None or direct is None or direct.real is None or not is_event_stream(direct.real):
        return False
    if through.real.status is None:
        _nothing_came(through.real, facts)
        return True
    if not is_event_stream(through.real) or direct.first_s is None:
        return False
    facts.saw(Observation.HEAD, AT_ONCE, f"it came after {ms(through.real.head_s or 0.0)}")
    if through.first_s is not None:
        facts.saw(Observation.EVENTS, AT_ONCE, f"the first event came after {ms(through.first_s)}")
        facts.holds(PolicyField.RESPONSE_STREAMED, True, "the first event came at once")
        facts.saw(Observation.STREAM_END, "open", "as long as it was watched")
    elif through.closed:
        facts.saw(Observation.STREAM_END, "cut", through.closed)
    else:
        evidence = f"200, then {_ended(through.real)}; directly the first event came after {ms(direct.first_s)}"
        facts.saw(Observation.EVENTS, HELD, evidence)
        facts.holds(PolicyField.RESPONSE_STREAMED, False, evidence)
    return True


def _nothing_came(answer: HttpTranscript, facts: Facts) -> None:
    evidence = f"not even a status line: {_ended(answer)}"
    facts.saw(Observation.HEAD, HELD, evidence)
    facts.saw(Observation.EVENTS, HELD, evidence)
    facts.holds(PolicyField.RESPONSE_STREAMED, False, evidence)


def _ended(answer: HttpTranscript) -> str:
    return answer.ending.detail or answer.ending.end.value


def _why_not(seen: Seen) -> str:
    if seen.direct is None:
        return "without direct access nobody knows whether the app sends anything here by itself"
    if seen.direct.real is not None and not is_event_stream(seen.direct.real):
        return f"directly it is no event stream: {told(seen.direct.real)}"
    if seen.direct.first_s is None:
        return "directly nothing came in time either: the app is silent here"
    return f"no event stream came: {told(seen.through.real)}" if seen.through.real else "it was not looked at"


def _coding(seen: Seen, facts: Facts) -> None:
    answer = _best(seen.through)
    if answer is None:
        facts.unseen(Observation.STREAM_CODING, because="no event stream came")
        return
    coding = coding_of(answer)
    straight = _best(seen.direct) if seen.direct else None
    if coding and straight is not None and coding_of(straight) == coding:
        facts.unseen(Observation.STREAM_CODING, because=f"the app itself compresses it: {coding}")
    else:
        facts.saw(Observation.STREAM_CODING, coding or "identity", f"Content-Encoding: {coding or 'none'}")


def _no_transform(look: Look, facts: Facts) -> None:
    answer = _best(look)
    if answer is None:
        facts.unknown(PolicyField.NO_TRANSFORM, because="no event stream came")
        return
    said = b", ".join(value for name, value in answer.fields if name.lower() == b"cache-control").decode("latin-1")
    facts.holds(PolicyField.NO_TRANSFORM, "no-transform" in said.lower(), f"Cache-Control: {said or 'none'}")


def _best(look: Look | None) -> HttpTranscript | None:
    """The event stream that came: the app's own, else the observed one."""
    if look is None:
        return None
    return next((one for one in (look.real, look.stream) if one is not None and is_event_stream(one)), None)


def _hint(seen: Seen, facts: Facts) -> None:
    """Whether the app tells nginx not to hold its stream: only directly, as nginx keeps that field for itself."""
    real = seen.direct.real if seen.direct is not None else None
    if real is None or not is_event_stream(real):
        facts.unseen(Observation.ACCEL_HINT, because="the app's own stream was not seen directly")
        return
    said = (real.field(b"x-accel-buffering") or b"").lower() == b"no"
    facts.saw(Observation.ACCEL_HINT, said, f"directly: X-Accel-Buffering: {'no' if said else 'none'}")

"""Whether the app is told that a client has left: what leaving on purpose showed."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.probe.facts import Facts
from antechamber.probe.seen import Seen
from antechamber.probe.telling import ms
from antechamber.surface.departures import State


def departure_facts(seen: Seen, facts: Facts) -> None:
    """What was seen of a departure on this route."""
    left = seen.through.departure
    straight = seen.direct.departure if seen.direct is not None else None
    if left is None:
        facts.unseen(Observation.DEPARTURE, because=_why_not(seen))
    elif left.told is None:
        facts.unseen(Observation.DEPARTURE, because=f"of what was left the app says: {left.state.value}")
    elif left.told:
        facts.saw(Observation.DEPARTURE, True, f"it knew at most {ms(left.after_s)} later")
    elif seen.direct is not None and (straight is None or not straight.told):
        facts.unseen(Observation.DEPARTURE, because="directly the app did not learn of it either")
    else:
        late = f"only when the connection ended, {ms(left.after_s)} later"
        still = f"{left.waited_s:.1f} s later it still took the client for there"
        directly = f"; directly it knew at most {ms(straight.after_s)} later" if straight is not None else ""
        evidence = (late if left.state is State.LEFT else still) + directly
        facts.saw(Observation.DEPARTURE, False, evidence, certain=straight is not None)


def _why_not(seen: Seen) -> str:
    if seen.through.echo is None:
        return "only a witness in front of the app sees a client leave"
    if seen.route.kind.live:
        return "nothing opened here in time that could have been left"
    return "a departure is tried on live routes, and where no other route holds"

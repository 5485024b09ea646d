"""What uploads show: where they are refused for their size, whether they are passed on piece by piece and whole."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import AT_ONCE, HELD, Observation
from antechamber.policy.quantities import show_size
from antechamber.probe.facts import Facts
from antechamber.probe.look import Ladder, Look
from antechamber.probe.look_plain import UPLOAD_PACE_S, UPLOAD_PIECES
from antechamber.probe.seen import Seen
from antechamber.probe.telling import told, with_author

_NOT_ASKED = "nothing here may be sent a body: it would change something, and nobody answers probes there"


def body_facts(seen: Seen, facts: Facts) -> None:
    """Everything that uploads on a route show."""
    _limit(seen, facts)
    _pieces(seen, facts)
    _whole(seen, facts)


def _limit(seen: Seen, facts: Facts) -> None:
    ladder, straight = seen.through.ladder, seen.direct.ladder if seen.direct else None
    sent_413 = next((rung for rung in seen.through.uploads if rung.answer.status == 413), None)
    if sent_413 is not None and (ladder is None or ladder.refusal is None):
        passed = max((rung.size_bytes for rung in seen.through.uploads if rung.intact), default=0)
        evidence = f"{show_size(sent_413.size_bytes)}: {with_author(sent_413.answer)}"
        facts.holds(PolicyField.BODY_LIMIT_BYTES, passed, evidence)
    elif ladder is None:
        facts.unknown(PolicyField.BODY_LIMIT_BYTES, because=_NOT_ASKED)
    elif ladder.refusal is None:
        size = show_size(ladder.passed_bytes)
        facts.holds(PolicyField.BODY_LIMIT_BYTES, ladder.passed_bytes, f"a body announced as {size} was not refused")
    elif straight is not None and straight.refusal is not None and straight.passed_bytes <= ladder.passed_bytes:
        size = show_size(straight.refused_bytes)
        facts.unknown(PolicyField.BODY_LIMIT_BYTES, because=f"the app itself refuses {size}")
    else:
        facts.holds(PolicyField.BODY_LIMIT_BYTES, ladder.passed_bytes, _refused(ladder))


def _refused(ladder: Ladder) -> str:
    assert ladder.refusal is not None
    passed = f"{show_size(ladder.passed_bytes)} passes" if ladder.passed_bytes else "none that was announced passes"
    return f"{passed}, {show_size(ladder.refused_bytes)} is refused: {with_author(ladder.refusal)}"


def _pieces(seen: Seen, facts: Facts) -> None:
    """Whether the pieces of a body came apart as they were sent; the app's clock says."""
    through, direct = seen.through.pieces, seen.direct.pieces if seen.direct else seen.through.pieces
    sent_s = UPLOAD_PACE_S * (len(UPLOAD_PIECES) - 1)
    if through is None or direct is None or direct.spread_s < sent_s / 2:
        why = "which pieces reach the app when is seen only there: by a witness, or by an app that answers probes"
        facts.unseen(Observation.REQUEST_PIECES, because=why)
        facts.unknown(PolicyField.REQUEST_STREAMED, because=why)
        return
    held = through.spread_s < sent_s / 4
    evidence = f"pieces sent over {sent_s:.2f} s arrived over {through.spread_s:.2f} s"
    facts.saw(Observation.REQUEST_PIECES, HELD if held else AT_ONCE, evidence)
    facts.holds(PolicyField.REQUEST_STREAMED, not held, evidence)


def _whole(seen: Seen, facts: Facts) -> None:
    rungs = [rung for rung in seen.through.uploads if rung.answer.status != 413]
    straight = {rung.size_bytes for rung in seen.direct.uploads if rung.intact} if seen.direct else _sizes(seen.through)
    for rung in rungs:
        if rung.intact or rung.size_bytes not in straight:
            continue
        size = show_size(rung.size_bytes)
        if rung.answer.status == 200:
            facts.saw(Observation.UPLOAD, "changed", f"{size} arrived with another checksum")
        else:
            facts.saw(Observation.UPLOAD, "cut", f"{size}: {told(rung.answer)}")
        return
    if rungs:
        largest = max(rung.size_bytes for rung in rungs)
        facts.saw(Observation.UPLOAD, "whole", f"up to {show_size(largest)} arrived with the same checksum")
    else:
        facts.unseen(Observation.UPLOAD, because=_NOT_ASKED)


def _sizes(look: Look) -> set[int]:
    return {rung.size_bytes for rung in look.uploads}

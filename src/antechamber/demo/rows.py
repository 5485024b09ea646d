"""From what was seen of a route, and what the rules say of it, to a row of the table."""

from __future__ import annotations

from antechamber.policy.model import Route
from antechamber.probe.inquiry import Inquiry
from antechamber.probe.look import Look
from antechamber.probe.seen import Seen
from antechamber.report.table import Mark, Pair, Row
from antechamber.rules.finding import Assessment, Finding

TOLD = ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded")
"""Fields by which a proxy tells the app how a request came, in the order in which they are listed."""

OK, FAULTY, CANNOT_TELL = "ok", "faulty", "cannot tell"
_MARKS = {OK: Mark.GOOD, FAULTY: Mark.BAD, CANNOT_TELL: Mark.UNSURE}


def rows_of(inquiry: Inquiry, assessment: Assessment) -> list[Row]:
    """A row for each route, in the profile's order."""
    return [_row(seen, _faults(seen.route, assessment)) for seen in inquiry.known.seen.values()]


def _row(seen: Seen, faults: list[Finding]) -> Row:
    direct = seen.direct or Look()
    verdict = FAULTY if faults else OK if _was_seen(seen.through) else CANNOT_TELL
    return Row(
        route=seen.route.path,
        kind=seen.route.kind.value,
        verdict=verdict,
        mark=_MARKS[verdict],
        first_byte=Pair(direct_s=direct.first_byte_s, through_s=seen.through.first_byte_s),
        lag=Pair(direct_s=direct.lag_s, through_s=seen.through.lag_s),
        arrived=_arrived(seen.through),
        missing=(),
        why=_why(faults) if faults else _remark(seen),
    )


def _faults(route: Route, assessment: Assessment) -> list[Finding]:
    """What fires on a route, roots before their consequences."""
    return [one for root in assessment.findings for one in root.walk() if route.path in one.paths]


def _why(faults: list[Finding]) -> str:
    return "; ".join(f"{one.rule.id} {one.rule.title[:1].lower()}{one.rule.title[1:]}" for one in faults)


def _was_seen(look: Look) -> bool:
    return (look.real is not None and look.real.status is not None) or look.echo is not None


def _remark(seen: Seen) -> str:
    """What a good verdict does not cover: a live route that this app does not have is seen by probes alone."""
    return "the app does not have it; observed in place" if seen.app_has_it is False else ""


def _arrived(look: Look) -> tuple[str, ...]:
    fields = look.echo.fields if look.echo else {}
    return tuple(name for name in TOLD if name.lower() in fields)

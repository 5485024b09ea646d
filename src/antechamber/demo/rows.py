"""From what was seen of a route to a row of the table."""

from __future__ import annotations

from antechamber.probe.judge import Expected, Outcome, missing_fields
from antechamber.probe.look import Look
from antechamber.probe.survey import Seen
from antechamber.report.table import Mark, Pair, Row

TOLD = ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded")
"""Fields by which a proxy tells the app how a request came, in the order in which they are listed."""

_MARKS = {Outcome.OK: Mark.GOOD, Outcome.DIFFERS: Mark.BAD, Outcome.CANNOT_TELL: Mark.UNSURE}


def row_of(seen: Seen, expected: Expected) -> Row:
    """The row of one route."""
    return Row(
        route=seen.route.path,
        kind=seen.route.kind.value,
        verdict=seen.verdict.outcome.value,
        mark=_MARKS[seen.verdict.outcome],
        first_byte=Pair(direct_s=seen.direct.first_byte_s, through_s=seen.through.first_byte_s),
        lag=Pair(direct_s=seen.direct.lag_s, through_s=seen.through.lag_s),
        arrived=_arrived(seen.through),
        missing=tuple(missing_fields(seen.through, expected)),
        why=seen.verdict.why,
    )


def _arrived(look: Look) -> tuple[str, ...]:
    fields = look.echo.fields if look.echo else {}
    return tuple(name for name in TOLD if name.lower() in fields)

"""What the tests of lint share: a policy, a text read and judged, findings as a table."""

from __future__ import annotations

from pathlib import Path

from antechamber.engines.caddy.engine import Caddy
from antechamber.lint.choice import OWN_NAME, Wanted
from antechamber.lint.files import Configuration
from antechamber.lint.judge import assessment, lint_together
from antechamber.lint.kind import Kind, kind_of
from antechamber.lint.nginx.directives import Version
from antechamber.lint.readers import read
from antechamber.lint.reading import Reading
from antechamber.lint.source import Source
from antechamber.policy.load import load
from antechamber.policy.model import Policy
from antechamber.rules.finding import Assessment
from antechamber.supervise.binary import find


def caddy() -> str:
    return find(Caddy()).path


HERE = Path(__file__).parent
SAMPLES = HERE / "samples"
INNOCENT = HERE / "innocent"


def policy(**flags: object) -> Policy:
    return load({"to": ":3000", **flags}, environment={}, directory=HERE).policy


POLICY = policy()
WANTED = Wanted(words=("openchamber", OWN_NAME))


def reading(text: str, *, name: str = "site.conf", kind: Kind | None = None, version: Version | None = None) -> Reading:
    found = kind or kind_of(text)
    assert isinstance(found, Kind), found
    (only, *_) = readings(text, name=name, kind=found, version=version)
    return only


def readings(
    text: str, *, name: str = "site.conf", kind: Kind, version: Version | None = None, path: Path | None = None
) -> tuple[Reading, ...]:
    """All that is read of a text; of a compose file there may be several."""
    return read(Configuration(kind, Source(name, text, path)), version=version, caddy=caddy)


def judged(
    text: str,
    *,
    kind: Kind | None = None,
    version: Version | None = None,
    wanted: Wanted = WANTED,
    policy: Policy = POLICY,
    outer_cdn: bool = False,
) -> Assessment:
    """What lint says of a text."""
    found = kind or kind_of(text)
    assert isinstance(found, Kind), found
    linted = lint_together(readings(text, kind=found, version=version), policy, wanted, outer_cdn=outer_cdn)
    return assessment(linted, lambda engine: lambda rule, route: "")


def ids(found: Assessment) -> set[str]:
    """Of all findings, roots and consequences."""
    return {one.rule.id for root in found.findings for one in root.walk()}


def where(found: Assessment, identifier: str) -> dict[int, set[str]]:
    """The lines on which a rule fires, and on which routes."""
    lines: dict[int, set[str]] = {}
    for finding in found.fired(identifier):
        assert finding.place is not None
        lines.setdefault(finding.place.line, set()).update(finding.paths)
    return lines


def line_of(text: str, wanted: str, *, after: str = "") -> int:
    """The number of the first line that holds ``wanted``, behind the first that holds ``after``."""
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if after in line) if after else 0
    return next(number for number, line in enumerate(lines[start:], start=start + 1) if wanted in line)


def comments_stay(text: str, result: str, behind_lines: tuple[str, ...]) -> None:
    """Every comment and blank line of ``text`` is in ``result``, those behind a line as well."""
    kept = [line.strip() for line in result.split("\n")]
    assert not [line for line in text.split("\n") if line.strip().startswith("#") and line.strip() not in kept]
    for comment in behind_lines:
        assert (comment in text) == (comment in result)
    assert result.count("\n\n") >= text.count("\n\n")

"""The fixtures of the rules, from ``fixtures/*.toml``: what was required, what held, and what a rule must say of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField, Scalar, Source, required
from antechamber.policy.load import load
from antechamber.policy.model import Kind, Policy, Route
from antechamber.policy.observation import Observation
from antechamber.rules.rule import Required
from antechamber.rules.verdict import CannotTell, Fired, NotApplicable, Passed

FIXTURES = Path(__file__).parent / "fixtures"
GROUPS: Mapping[str, type] = {
    "fires": Fired,
    "passes": Passed,
    "cannot-tell": CannotTell,
    "not-applicable": NotApplicable,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fixture. ``told`` must be part of what the verdict says."""

    rule: str
    group: str
    number: int
    required: Required
    effective: EffectiveRoute
    told: str

    def __str__(self) -> str:
        return f"{self.rule}-{self.group}-{self.number}"


@cache
def cases() -> tuple[Case, ...]:
    """Every fixture of every family."""
    return tuple(case for file in sorted(FIXTURES.glob("*.toml")) for case in _of(tomllib.loads(file.read_text())))


@cache
def policy() -> Policy:
    """The policy of an app of no particular kind."""
    return load({"to": ":3000", "profile": "generic"}, environment={}, directory=Path("/")).policy


def requirement(
    kind: Kind, path: str = "/a/route", heartbeat_s: float | None = None, *, hashed: bool = False
) -> Required:
    """What the policy requires of a route of that kind; a body may have 140 MiB, as OpenChamber's."""
    limit_bytes = 140 * 1024**2
    route = Route(
        name="a route", path=path, kind=kind, heartbeat_s=heartbeat_s, body_limit_bytes=limit_bytes, hashed=hashed
    )
    return Required(route, required(policy(), route))


def _of(document: Mapping[str, Mapping[str, list[dict[str, object]]]]) -> Iterator[Case]:
    for rule, groups in document.items():
        for group, written in groups.items():
            for number, one in enumerate(written, start=1):
                yield _case(rule, group, number, dict(one))


def _case(rule: str, group: str, number: int, written: dict[str, object]) -> Case:
    fields, observations = (_values(written.pop(name, {})) for name in ("fields", "observations"))
    changed = _table(written.pop("required", {}))
    heartbeat_s = written.pop("heartbeat_s", None)
    needed = requirement(
        Kind(str(written.pop("kind"))),
        str(written.pop("path", "/a/route")),
        float(str(heartbeat_s)) if heartbeat_s is not None else None,
        hashed=written.pop("hashed", False) is True,
    )
    told = str(written.pop("told", ""))
    assert not written, f"{rule}-{group}-{number}: unknown keys {list(written)}"
    return Case(
        rule=rule,
        group=group,
        number=number,
        required=Required(needed.route, {**needed.fields, **{PolicyField(k): _scalar(v) for k, v in changed.items()}}),
        effective=EffectiveRoute(
            needed.route.path,
            {PolicyField(name): value(Source.SET) for name, value in fields.items()},
            {Observation(name): value(Source.OBSERVED) for name, value in observations.items()},
        ),
        told=told,
    )


@dataclass(frozen=True, slots=True)
class _Value:
    """A value that is still to be told where it usually comes from."""

    value: Scalar | None
    source: str
    where: str

    def __call__(self, usual: Source) -> Effective:
        return Effective(self.value, Source(self.source) if self.source else usual, self.where)


def _values(table: object) -> dict[str, _Value]:
    found = {}
    for name, written in _table(table).items():
        if isinstance(written, dict):
            value = _scalar(written["value"]) if "value" in written else None
            found[name] = _Value(value, str(written.get("source", "")), str(written.get("where", "")))
        else:
            found[name] = _Value(_scalar(written), "", "")
    return found


def _table(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def _scalar(value: object) -> Scalar:
    assert isinstance(value, bool | int | float | str)
    return value

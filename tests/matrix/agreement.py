"""What lint says of the configurations that check looked through, fault by fault, and of those that only lint is given.

A check sees what an engine does, lint what its file says: both are asked about the same change of the same rendering.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from antechamber.engines.base import File, Form, Options
from antechamber.policy.model import Address, Policy
from antechamber.rules.finding import Finding
from tests.lint.linting import judged
from tests.lint.sabotages import SABOTAGES
from tests.matrix.caddy_faults import CADDY
from tests.matrix.chain import build_of, sampled, spoilt, whole
from tests.matrix.haproxy_faults import HAPROXY
from tests.matrix.nginx_faults import NGINX
from tests.matrix.sabotage import On, Sabotage

APP = "http://127.0.0.1:4000"
SAID = Path(__file__).parents[2] / "docs" / "lint-and-check.json"
BOTH = (*NGINX, *CADDY, *HAPROXY)
"""The faults that check was asked about as well."""
CHECKED = {cell.key for cell in BOTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What lint found of one fault, by ids; ``checked`` says whether check was asked about it as well."""

    engine: str
    fault: str
    rule: str
    roots: list[str]
    below: list[str]
    checked: bool


def only_linted() -> tuple[Sabotage, ...]:
    """Changes of the tests of lint that come to other texts than those check looked through, as cells."""
    cells = (
        Sabotage(engine=one.engine, fault=one.words, rule=one.rule, on=On.SOMEWHERE, edits=((one.good, one.bad),))
        for one in SABOTAGES
    )
    looked_through = [_bare(cell) for cell in BOTH]
    return tuple(cell for cell in cells if _bare(cell) not in looked_through)


def said(cell: Sabotage) -> Said:
    """Lint, asked about ``cell``."""
    found = judged(_text(cell), policy=_policy())
    advised = [one for one in found.advice if one.rule.id == cell.rule]
    findings = (*found.findings, *advised)
    return Said(
        engine=cell.engine,
        fault=cell.fault,
        rule=cell.rule,
        roots=_ids(findings),
        below=_ids(below for one in findings for below in one.walk() if below is not one),
        checked=cell.key in CHECKED,
    )


def written(all_said: Iterable[Said]) -> str:
    """As it is kept."""
    return json.dumps([asdict(one) for one in all_said], indent=1, ensure_ascii=False) + "\n"


def kept() -> list[Said]:
    return [Said(**one) for one in json.loads(SAID.read_text(encoding="utf-8"))]


def _text(cell: Sabotage) -> str:
    (file,) = spoilt(cell, _rendered(cell.engine))
    return file.text


def _bare(cell: Sabotage) -> list[str]:
    """The lines of its text, without those that say nothing."""
    return [line.strip() for line in _text(cell).split("\n") if line.strip()]


@cache
def _policy() -> Policy:
    return sampled(APP)


@cache
def _rendered(engine: str) -> tuple[File, ...]:
    build = build_of(engine)
    options = Options(listen=(Address(host="127.0.0.1", port=8080),), form=Form.WHOLE, version=build.version)
    return tuple(build.engine.render(whole(APP), options))


def _ids(findings: Iterable[Finding]) -> list[str]:
    return sorted({one.rule.id for one in findings})


CELLS = (*BOTH, *only_linted())

"""``antechamber rules``: the catalogue."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

from antechamber.cli.parameters import flag
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.rule import FAMILY_TITLES, Rule


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"


def rules(
    form: Annotated[Form, flag("--format", help="For people, or for programs.")] = Form.TEXT,
) -> int:
    """Lists every fault that is known, by family."""
    print(_json() if form is Form.JSON else _text(), end="")
    return 0


def as_json(rule: Rule) -> dict[str, object]:
    """One rule, for programs."""
    return {
        "id": rule.id,
        "name": rule.name,
        "family": FAMILY_TITLES[rule.family],
        "severity": rule.severity.value,
        "title": rule.title,
        "symptom": rule.symptom,
        "cause": rule.cause,
        "why": rule.why,
        "fix": rule.fix,
        "field": rule.field.value if rule.field else None,
        "observation": rule.observation.value if rule.observation else None,
        "site": rule.site,
        "symptoms": list(rule.symptoms),
        "roots": list(rule.roots),
        "since": rule.since,
        "sources": list(rule.sources),
    }


def _json() -> str:
    return json.dumps({"rules": [as_json(one) for one in CATALOGUE]}, indent=2) + "\n"


def _text() -> str:
    width = max(len(one.name) for one in CATALOGUE)
    lines: list[str] = []
    for family, title in FAMILY_TITLES.items():
        lines.append(f"AC{family.value}xx  {title}")
        lines += [
            f"  {one.id}  {one.severity.value:7}  {one.name:{width}}  {one.title}"
            for one in CATALOGUE
            if one.family is family
        ]
        lines.append("")
    lines.append(f"{len(CATALOGUE)} rules. antechamber explain AC101 tells more of one.")
    return "\n".join(lines) + "\n"

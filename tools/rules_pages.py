"""docs/rules/, made from the rules themselves: an index, and a page for each family."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from antechamber.engines.base import Level
from antechamber.engines.registry import ENGINES
from antechamber.engines.words import fix_words
from antechamber.lint.judge import WRITTEN
from antechamber.policy.model import Kind, Route
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.catalogue import rule as rule_of
from antechamber.rules.rule import FAMILY_TITLES, Family, Rule
from antechamber.rules.symptoms import SYMPTOMS

_MADE = "<!-- Made by tools/generate_docs.py from src/antechamber/rules and src/antechamber/engines. Do not edit. -->"

_INDEX = f"""\
# Rules

{_MADE}

A rule is a fault, and has one id everywhere: in configurations that `antechamber config` writes, in what
`antechamber lint` finds in files and `antechamber check` finds on the wire, and here. `antechamber explain AC201` tells
of one in a terminal. [Report formats](../report-format.md) says how rules become findings.
"""

_SPECIAL = re.compile(r"([*<>\[\]|`])")


def render_index() -> str:
    """The page that lists all rules, by symptom and by family."""
    return "\n".join([_INDEX, *_symptoms(), *_families(), ""])


def render_family(family: Family) -> str:
    """The page of one family."""
    rules = [one for one in CATALOGUE if one.family is family]
    lines = [f"# AC{family.value}xx: {FAMILY_TITLES[family]}\n", _MADE]
    for one in rules:
        lines += _rule(one)
    return "\n".join([*lines, ""])


def page_of(family: Family) -> str:
    """The file name of a family's page."""
    return FAMILY_TITLES[family].lower().replace(" ", "-") + ".md"


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/rules/README.md": render_index,
    **{f"docs/rules/{page_of(family)}": partial(render_family, family) for family in Family},
}


def _symptoms() -> Iterator[str]:
    yield "## By symptom\n"
    yield "The four symptoms of OpenChamber's reverse-proxy guide, and the causes that it names:\n"
    yield "| what is seen | cause | rules |"
    yield "|---|---|---|"
    for symptom in SYMPTOMS:
        for cause in symptom.causes:
            links = ", ".join(_link(rule_of(identifier)) for identifier in cause.rules)
            yield f"| {symptom.number}. {symptom.words} | {_plain(cause.words)} | {links} |"
    yield "\nMore rules explain the same symptoms: `antechamber explain --symptom 1` lists them.\n"


def _families() -> Iterator[str]:
    for family, title in FAMILY_TITLES.items():
        yield f"## {title}\n"
        yield "| id | name | severity | fault |"
        yield "|---|---|---|---|"
        for one in CATALOGUE:
            if one.family is family:
                yield f"| {_link(one)} | {one.name} | {one.severity.value} | {_plain(one.title)} |"
        yield ""


def _rule(rule: Rule) -> Iterator[str]:
    yield f"\n## {rule.id} {rule.name}\n"
    yield f"**{_plain(rule.title)}.** ({rule.severity.value})\n"
    for heading, text in (
        ("Symptom", rule.symptom),
        ("Cause", rule.cause),
        ("Why it hurts", rule.why),
        ("Fix", rule.fix),
    ):
        yield f"- *{heading}:* {_plain(text)}"
    yield f"- *Seen by:* {_seen_by(rule)}"
    if rule.symptoms:
        named = "; ".join(one.words.lower() for one in SYMPTOMS if one.number in rule.symptoms)
        yield f"- *In OpenChamber's guide:* {named}"
    if rule.roots:
        yield f"- *Follows from:* {', '.join(_link(rule_of(one), here=rule.family) for one in rule.roots)}"
    if rule.fix_fields:
        yield "\nAs each engine says it:"
        yield ""
        yield from _engines(rule)
    if rule.sources:
        yield "\nSources: " + ", ".join(f"<{source}>" for source in rule.sources)


def _engines(rule: Rule) -> Iterator[str]:
    route = Route(name="a route", path="/THE/PATH", kind=Kind.API)
    for engine in ENGINES:
        capabilities = {field: engine.capabilities[field] for field in rule.fix_fields}
        able = [field for field, capability in capabilities.items() if capability.level is not Level.NOT_EXPRESSIBLE]
        words = [_code(fix_words(engine, able, route))] if able else []
        words += [f"{one.level.value}: {_plain(one.how)}" for one in capabilities.values() if one.how]
        yield f"- {engine.title}: {'; '.join(words)}"


def _seen_by(rule: Rule) -> str:
    wire = "`antechamber check`, on the wire"
    return f"`antechamber lint`, in files; {wire}" if rule.field is not None or rule.observation in WRITTEN else wire


def address_of(rule: Rule) -> str:
    """Where a rule's documentation stands, seen from ``docs/rules``."""
    return f"{page_of(rule.family)}{_anchor(rule)}"


def _anchor(rule: Rule) -> str:
    return f"#{rule.id.lower()}-{rule.name}"


def _link(rule: Rule, *, here: Family | None = None) -> str:
    return f"[{rule.id}]({_anchor(rule) if rule.family is here else address_of(rule)})"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"

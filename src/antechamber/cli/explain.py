"""``antechamber explain``: one rule in full, or the rules behind a symptom."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import Annotated

from antechamber.cli.parameters import argument, flag
from antechamber.engines.base import Engine, Level
from antechamber.engines.registry import ENGINES, engine
from antechamber.engines.words import fix_words
from antechamber.errors import ConfigError
from antechamber.policy.model import Kind, Route
from antechamber.rules.catalogue import rule as rule_of
from antechamber.rules.lookup import find
from antechamber.rules.rule import FAMILY_TITLES, Rule
from antechamber.rules.symptoms import SYMPTOMS, Symptom

_WIDTH = 100


def explain(
    rule: Annotated[str, argument(metavar="[RULE]", help="An id (AC201) or a name (response-buffered).")] = "",
    engine_name: Annotated[
        str, flag("--engine", metavar="ENGINE", help=f"Whose words: {', '.join(e.name for e in ENGINES)}.")
    ] = "",
    symptom: Annotated[
        int | None, flag(metavar="N", help="The rules behind a symptom of OpenChamber's guide, 1 to 4.")
    ] = None,
) -> int:
    """Tells what a rule is about: symptom, cause, why it hurts, and how to mend it."""
    if symptom is not None:
        if rule:
            raise ConfigError("a rule and a symptom are two questions", way_out="Ask one of them.")
        print("\n".join(_of_symptom(_symptom(symptom))))
        return 0
    if not rule:
        raise ConfigError(
            "no rule is named",
            way_out="antechamber rules lists them; antechamber explain --symptom 1 goes by what is seen.",
        )
    asked = [engine(engine_name)] if engine_name else list(ENGINES)
    print("\n".join(_of_rule(find(rule), asked)))
    return 0


def _symptom(number: int) -> Symptom:
    for one in SYMPTOMS:
        if one.number == number:
            return one
    known = "; ".join(f"{one.number}: {one.words}" for one in SYMPTOMS)
    raise ConfigError(f"there is no symptom {number}", place="--symptom", way_out=f"Known: {known}.")


def _of_symptom(symptom: Symptom) -> Iterator[str]:
    yield f"{symptom.number}. {symptom.words}"
    for cause in symptom.causes:
        yield f"\n  {cause.words[0].upper()}{cause.words[1:]}"
        yield from (_line(rule_of(identifier)) for identifier in cause.rules)
    if others := symptom.others():
        yield "\n  Also seen as this, and not named in the guide"
        yield from (_line(one) for one in others)
    yield "\nantechamber explain AC101 tells more of one; antechamber check URL tells which it is."


def _line(rule: Rule) -> str:
    return f"    {rule.id}  {rule.name}: {rule.title}"


def _of_rule(rule: Rule, engines: list[Engine]) -> Iterator[str]:
    yield f"{rule.id} {rule.name} ({FAMILY_TITLES[rule.family]}, {rule.severity.value})"
    yield rule.title
    for heading, text in (
        ("Symptom", rule.symptom),
        ("Cause", rule.cause),
        ("Why it hurts", rule.why),
        ("Fix", rule.fix),
    ):
        yield f"\n{heading}\n{_indented(text)}"
    if rule.fix_fields:
        yield from _engine_words(rule, engines)
    yield f"\nSeen by\n{_indented(_seen_by(rule))}"
    if rule.symptoms:
        yield "\nIn OpenChamber's guide"
        yield from (f"  {one.number}. {one.words}" for one in SYMPTOMS if one.number in rule.symptoms)
    if rule.roots:
        yield "\nFollows from"
        yield from (f"  {one.id} {one.name}" for one in map(rule_of, rule.roots))
    if rule.sources:
        yield "\nSources"
        yield from (f"  {source}" for source in rule.sources)


def _engine_words(rule: Rule, engines: list[Engine]) -> Iterator[str]:
    route = Route(name="a route", path=_example(rule), kind=Kind.API)
    for one in engines:
        yield f"\nFix in {one.title}"
        capabilities = {field: one.capabilities[field] for field in rule.fix_fields}
        able = [field for field, capability in capabilities.items() if capability.level is not Level.NOT_EXPRESSIBLE]
        if able:
            yield _indented(fix_words(one, able, route))
        for capability in capabilities.values():
            if capability.how:
                yield _indented(f"({capability.level.value}: {capability.how})")


def _example(rule: Rule) -> str:
    """How a path is called where no particular one is meant."""
    return "/*" if rule.site else "/THE/PATH"


def _seen_by(rule: Rule) -> str:
    reading, looking = "antechamber lint (it stands in a file)", "antechamber check (it shows on the wire)"
    if rule.field is None:
        return looking
    return f"{reading}; {looking}"


def _indented(text: str) -> str:
    return fill(
        text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )

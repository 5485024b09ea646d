"""Every rule on its fixtures: it fires where it must, and nowhere else."""

from __future__ import annotations

import pytest

from antechamber.policy.effective import Effective, EffectiveRoute, Source
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.catalogue import CATALOGUE, rule
from antechamber.rules.rule import Family, Rule
from antechamber.rules.verdict import CannotTell, Fired, NotApplicable, Passed
from tests.rules.cases import GROUPS, Case, cases, requirement

EVERY_RULE = pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_rule_says_of_its_fixture_what_it_must(case: Case) -> None:
    verdict = rule(case.rule).judge(case.required, case.effective)
    assert type(verdict) is GROUPS[case.group], verdict
    words = verdict.because if isinstance(verdict, CannotTell | NotApplicable) else verdict.evidence
    assert case.told in words
    if not isinstance(verdict, Passed | NotApplicable):
        assert words, "a fault and a doubt are explained"


@EVERY_RULE
def test_a_rule_has_fixtures_in_which_it_fires_and_in_which_it_does_not(one: Rule) -> None:
    groups = {case.group for case in cases() if case.rule == one.id}
    if one.family is Family.COULD_NOT_TELL and "fires" not in groups:
        assert groups >= {"cannot-tell", "not-applicable"}, "a doubt is told, or is not there"
    else:
        assert groups >= {"fires", "passes"}


def test_no_fixture_is_of_a_rule_that_does_not_exist() -> None:
    assert {case.rule for case in cases()} == {one.id for one in CATALOGUE}


@EVERY_RULE
def test_of_what_was_not_seen_no_rule_says_that_it_is_well_or_faulty(one: Rule) -> None:
    """ "A pass on the wire never implies that headers arrived": what is absent is a doubt, whatever else passed."""
    for kind in Kind:
        needed = requirement(kind, "/*", heartbeat_s=20.0)
        unknown = Effective(None, Source.UNKNOWN, "nobody looked")
        for effective in (
            EffectiveRoute("/*", {}),
            EffectiveRoute("/*", dict.fromkeys(needed.fields, unknown), dict.fromkeys(Observation, unknown)),
        ):
            verdict = one.judge(needed, effective)
            assert isinstance(verdict, CannotTell | NotApplicable), (kind, verdict)


@EVERY_RULE
def test_a_route_that_holds_what_is_required_breaks_no_rule(one: Rule) -> None:
    """False alarms: the very values of the policy are never a fault."""
    for kind in Kind:
        needed = requirement(kind, "/*", heartbeat_s=20.0)
        fields = {field: Effective(value, Source.SET) for field, value in needed.fields.items()}
        assert not isinstance(one.judge(needed, EffectiveRoute("/*", fields)), Fired), kind

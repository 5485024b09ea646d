"""How a run is summed up: the state of each family, the doubts, and the guide's six lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from antechamber.policy.observation import Observation
from antechamber.report.checklist import DIRECT, LINES, Answer, checklist
from antechamber.report.overview import Mark, doubts, families, in_short, some
from antechamber.report.run import DirectAccess, Run
from antechamber.rules.assess import gather
from antechamber.rules.catalogue import rule
from antechamber.rules.finding import Judged
from antechamber.rules.rule import Family
from antechamber.rules.verdict import CannotTell, Fired, NotApplicable, Passed, Verdict
from tests.report import specimens


def run_of(*verdicts: tuple[str, str, Verdict]) -> Run:
    """A run in which these rules said this, each on its path."""
    judged = [Judged(rule=rule(identifier), path=path, verdict=verdict) for identifier, path, verdict in verdicts]
    return replace(specimens.clean(), assessment=gather(judged))


def answers(run: Run) -> dict[str, Answer]:
    return {line.words: line.answer for line in checklist(run)}


STREAMS = next(line for line in LINES if "AC201" in line.decided_by)


def test_routes_on_which_a_family_says_the_same_stand_on_one_line() -> None:
    run = run_of(
        ("AC201", "/one", Passed()),
        ("AC201", "/two", Passed()),
        ("AC202", "/two", Passed()),
        ("AC201", "/three", Fired("held")),
        ("AC203", "/three", CannotTell("held")),
        ("AC201", "/page", NotApplicable()),
    )
    (family,) = families(run.assessment.judged)
    assert (family.title, family.mark) == ("Event streams", Mark.FAULT)
    assert [(state.mark, state.paths, state.words) for state in family.states] == [
        (Mark.FAULT, ("/three",), "AC201 response-buffered; 1 cannot be told"),
        (Mark.GOOD, ("/one", "/two"), "1 to 2 passed"),
    ]


@pytest.mark.parametrize(
    ("verdicts", "mark"),
    [
        ([Passed()], Mark.GOOD),
        ([CannotTell("x")], Mark.UNSURE),
        ([Passed(), CannotTell("x")], Mark.PARTLY),
        ([Fired("x"), CannotTell("x"), Passed()], Mark.FAULT),
        ([NotApplicable(), Passed()], Mark.GOOD),
    ],
)
def test_a_family_is_good_only_if_all_of_it_was_seen(verdicts: list[Verdict], mark: Mark) -> None:
    identifiers = ("AC201", "AC202", "AC203")
    judged = [("/s", identifier, verdict) for identifier, verdict in zip(identifiers, verdicts, strict=False)]
    (family,) = families(run_of(*((one, path, verdict) for path, one, verdict in judged)).assessment.judged)
    assert family.mark is mark


def test_a_rule_that_fires_at_one_hop_and_passes_at_another_has_fired() -> None:
    judged = [
        Judged(rule=rule("AC201"), path="/s", verdict=Passed(), hop="inner"),
        Judged(rule=rule("AC201"), path="/s", verdict=Fired("held"), hop="outer"),
    ]
    (family,) = families(judged)
    assert family.states[0].words == "AC201 response-buffered"


def test_doubts_are_no_family_of_their_own_and_are_told_by_their_reason() -> None:
    run = run_of(
        ("AC903", "/one", CannotTell("login needed")),
        ("AC201", "/one", CannotTell("login needed")),
        ("AC201", "/two", CannotTell("no stream came")),
    )
    assert [family.family for family in families(run.assessment.judged)] == [Family.EVENT_STREAMS]
    assert [(one.because, one.rules, one.paths) for one in doubts(run.assessment.judged)] == [
        ("login needed", ("AC903", "AC201"), ("/one",)),
        ("no stream came", ("AC201",), ("/two",)),
    ]


def test_the_whole_is_told_in_one_line() -> None:
    assert in_short(run_of().assessment) == "no faults were found"
    told = run_of(("AC201", "/a", Fired("x")), ("AC403", "/a", Fired("x")), ("AC404", "/a", Fired("y")))
    assert in_short(told.assessment) == "1 error, 2 warnings"
    assert in_short(run_of(("AC703", "/*", Fired("x"))).assessment) == "no faults were found"


def test_a_few_paths_are_named_and_the_rest_is_counted() -> None:
    assert some(("/a", "/b"), 2) == "/a, /b"
    assert some(("/a", "/b", "/c"), 2) == "/a, /b and 1 more"


def test_the_checklist_has_the_guide_s_six_lines_in_its_order() -> None:
    assert len(checklist(run_of())) == 6
    assert next(iter(answers(run_of()))) == DIRECT


def test_a_line_passes_only_if_its_rule_passed_on_every_route_it_applies_to() -> None:
    passed = ("AC201", "/one", Passed())
    assert answers(run_of(passed, ("AC201", "/page", NotApplicable())))[STREAMS.words] is Answer.PASS
    assert answers(run_of(passed, ("AC201", "/two", CannotTell("x"))))[STREAMS.words] is Answer.CANNOT_TELL
    assert answers(run_of(passed, ("AC201", "/two", Fired("x"))))[STREAMS.words] is Answer.FAIL
    assert answers(run_of())[STREAMS.words] is Answer.CANNOT_TELL


def test_a_line_fails_by_what_spoils_it_though_its_own_rule_passed() -> None:
    run = run_of(("AC201", "/one", Passed()), ("AC203", "/one", Fired("x")))
    line = next(one for one in checklist(run) if one.words == STREAMS.words)
    assert (line.answer, line.rules, line.because) == (Answer.FAIL, ("AC203",), "/one")


def test_what_spoils_a_line_never_makes_it_pass() -> None:
    assert answers(run_of(("AC203", "/one", Passed())))[STREAMS.words] is Answer.CANNOT_TELL


@pytest.mark.parametrize(("reachable", "answer"), [(True, Answer.PASS), (False, Answer.FAIL)])
def test_the_first_line_is_the_app_itself(reachable: bool, answer: Answer) -> None:
    run = replace(run_of(), direct=DirectAccess(url="http://app", reachable=reachable, answered="refused"))
    assert answers(run)[DIRECT] is answer


def test_without_a_direct_address_the_first_line_cannot_be_told() -> None:
    assert answers(replace(run_of(), direct=None))[DIRECT] is Answer.CANNOT_TELL


def test_every_observation_of_the_specimen_is_one_that_a_rule_knows() -> None:
    seen = {name for route in specimens.healthy().values() for name in route.observations}
    assert seen <= set(Observation)

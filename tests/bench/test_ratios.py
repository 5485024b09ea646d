"""The arithmetic of the benchmark: spreads, ratios within a round, verdicts."""

import dataclasses

import pytest
from bench.figure import TINY
from bench.figures import FIGURES
from bench.ratios import TARGETS, Spread, Target, Verdict, level, ratio
from bench.report import find
from bench.results import Entrant, Machine, Results, Sample

MACHINE = Machine("a processor", 2, 8.0, "Linux", "3.11", 0.1)
ENTRANTS = (Entrant("edge", "Antechamber", "0", ""), Entrant("nginx", "nginx", "1", "a note"))


def results(*samples: Sample) -> Results:
    return Results("2026-11-22", MACHINE, TINY, ENTRANTS, ("a remark",), samples)


def small_get(contestant: str, turn: int, requests_per_s: float) -> Sample:
    return Sample("small-get", contestant, turn, {"requests_per_s": requests_per_s})


def test_a_ratio_is_formed_within_a_turn_so_a_slow_one_meets_both() -> None:
    run = results(
        small_get("edge", 0, 50.0),
        small_get("nginx", 0, 100.0),
        small_get("edge", 1, 5.0),
        small_get("nginx", 1, 10.0),
    )
    assert ratio(run, "small-get", "requests_per_s", to="nginx") == Spread.of([0.5])


def test_a_turn_that_only_one_side_finished_does_not_count() -> None:
    run = results(small_get("edge", 0, 50.0), small_get("nginx", 0, 100.0), small_get("edge", 1, 5.0))
    assert ratio(run, "small-get", "requests_per_s", to="nginx") == Spread.of([0.5])


def test_a_level_is_the_median_with_its_extremes() -> None:
    run = results(*(small_get("edge", turn, value) for turn, value in enumerate((3.0, 1.0, 2.0))))
    assert level(run, "small-get", "edge", "requests_per_s") == Spread(2.0, 1.0, 3.0, 1.0, 3.0)


def test_what_was_not_measured_has_no_ratio_and_no_verdict_of_success() -> None:
    assert ratio(results(), "small-get", "requests_per_s", to="nginx") is None
    assert {target.verdict(results()) for target in TARGETS} == {Verdict.UNKNOWN}


@pytest.mark.parametrize(
    ("measured", "verdict"), [(0.4, Verdict.MISSED), (0.5, Verdict.FLOOR), (0.79, Verdict.FLOOR), (0.8, Verdict.GOAL)]
)
def test_a_lower_bound_is_met_from_its_value_upwards(measured: float, verdict: Verdict) -> None:
    target = Target("small-get", "requests_per_s", "nginx", at_least=True, floor=0.5, goal=0.8)
    assert target.verdict(results(small_get("edge", 0, measured), small_get("nginx", 0, 1.0))) is verdict


@pytest.mark.parametrize(
    ("measured", "verdict"), [(1.4, Verdict.MISSED), (1.3, Verdict.FLOOR), (1.0, Verdict.GOAL), (0.2, Verdict.GOAL)]
)
def test_an_upper_bound_is_met_from_its_value_downwards(measured: float, verdict: Verdict) -> None:
    target = Target("small-get", "requests_per_s", "nginx", at_least=False, floor=1.3, goal=1.0)
    assert target.verdict(results(small_get("edge", 0, measured), small_get("nginx", 0, 1.0))) is verdict


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (range(1, 6), 1, 5),
        (range(1, 9), 1, 8),
        (range(1, 10), 2, 8),
        (range(1, 22), 6, 16),
        (range(1, 101), 40, 61),
    ],
    ids=lambda value: f"{len(value)} values" if isinstance(value, range) else str(value),
)
def test_the_median_is_sure_between_the_values_that_the_sign_test_leaves(values: range, low: int, high: int) -> None:
    """Ranks as in Conover's table A3 and its normal approximation for 100."""
    spread = Spread.of([float(value) for value in reversed(values)])
    assert (spread.sure_low, spread.sure_high) == (low, high)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ([0.90] * 6, Verdict.FLOOR),
        ([0.90] * 5 + [1.2], Verdict.LEVEL),
        ([1.05] * 5 + [0.99], Verdict.LEVEL),
        ([1.05] * 6, Verdict.MISSED),
        ([0.50] * 8 + [1.2], Verdict.GOAL),
        ([1.20] * 8 + [0.5], Verdict.MISSED),
    ],
)
def test_a_floor_within_the_interval_is_neither_met_nor_missed(ratios: list[float], verdict: Verdict) -> None:
    target = Target("small-get", "requests_per_s", "nginx", at_least=False, floor=1.0, goal=0.6)
    turns = [small_get("edge", turn, value) for turn, value in enumerate(ratios)]
    assert target.verdict(results(*turns, *(small_get("nginx", turn, 1.0) for turn in range(len(ratios))))) is verdict


def test_every_target_names_a_figure_and_a_metric_that_exist() -> None:
    for target in TARGETS:
        assert find(target.figure, target.metric)


def test_figures_have_different_keys_and_titles() -> None:
    assert len({figure.key for figure in FIGURES}) == len({figure.title for figure in FIGURES}) == len(FIGURES)


def test_a_run_survives_being_written_and_read() -> None:
    run = results(small_get("edge", 0, 1.5))
    assert Results.from_json(run.to_json()) == run


def test_a_busy_machine_is_not_quiet() -> None:
    assert MACHINE.quiet
    assert not dataclasses.replace(MACHINE, load=0.51).quiet

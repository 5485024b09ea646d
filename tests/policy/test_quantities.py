"""Durations, sizes and counts: what is read, what is refused, and that showing and reading are inverse."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.policy.quantities import Count, Duration, Size, show_duration, show_size
from antechamber.policy.value import ValueProblem
from tests.policy.refusal import refusal

BASE = Path("/")
UNITS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [("60", 60), (60, 60), (1.5, 1.5), ("1.5s", 1.5), ("500ms", 0.5), ("1h30m", 5400), (" 90s ", 90), ("1d", 86400)],
)
def test_a_duration_is_in_seconds_unless_it_has_a_unit(raw: object, seconds: float) -> None:
    assert Duration().parse(raw, base=BASE) == seconds


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "soon",
        "-1",
        "1 s",
        "1S",
        "s",
        "1.s",
        "1e3",
        "60sec",
        "١",
        "1h 30m",
        "0",
        0,
        "0.0s",
        "0.001s",
        "31d",
        "9" * 41,
        -5,
        float("inf"),
        float("nan"),
        True,
        None,
        [],
        {},
        "1_000",
    ],
)
def test_a_duration_that_is_unclear_zero_negative_or_absurd_is_refused(raw: object) -> None:
    with pytest.raises(ValueProblem):
        Duration().parse(raw, base=BASE)


@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from(sorted(UNITS))), min_size=1, max_size=4))
def test_the_parts_of_a_duration_are_added(parts: list[tuple[int, str]]) -> None:
    seconds = sum((number * UNITS[unit] for number, unit in parts), Decimal(0))
    text = "".join(f"{number}{unit}" for number, unit in parts)
    if Decimal("0.01") <= seconds <= 30 * 86400:
        assert Duration().parse(text, base=BASE) == float(seconds)
    else:
        with pytest.raises(ValueProblem):
            Duration().parse(text, base=BASE)


@given(st.integers(10, 30 * 86_400_000))
def test_a_shown_duration_is_read_back_as_it_was(milliseconds: int) -> None:
    assert Duration().parse(show_duration(milliseconds / 1000), base=BASE) == milliseconds / 1000


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        ("1048576", 1024**2),
        (1048576, 1024**2),
        ("140MiB", 140 * 1024**2),
        ("50M", 50 * 1024**2),
        ("50m", 50 * 1024**2),
        ("300MB", 300_000_000),
        ("8k", 8192),
        ("1.5GiB", 3 * 512 * 1024**2),
        ("1 MiB", 1024**2),
        ("10B", 10),
        ("1T", 1024**4),
    ],
)
def test_a_size_with_one_letter_is_binary_as_in_nginx_and_mb_is_decimal(raw: object, count: int) -> None:
    """https://nginx.org/en/docs/syntax.html: ``50M`` of the published guide is 50 MiB."""
    assert Size().parse(raw, base=BASE) == count


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "big",
        "-1",
        "0",
        0,
        "1.5",
        "1.0001k",
        "5X",
        "5 kilobytes",
        "MiB",
        "٥M",
        "2000T",
        True,
        None,
        [],
        "1e6",
        "1,5M",
    ],
)
def test_a_size_that_is_unclear_zero_negative_or_absurd_is_refused(raw: object) -> None:
    with pytest.raises(ValueProblem):
        Size().parse(raw, base=BASE)


@given(st.integers(1, 1024**5))
def test_a_shown_size_is_read_back_as_it_was(count: int) -> None:
    shown = show_size(count).removesuffix(" bytes").removesuffix(" byte")
    assert Size().parse(shown, base=BASE) == count


@given(st.text(max_size=60))
def test_any_text_is_a_size_and_a_duration_or_a_problem_with_a_way_out(text: str) -> None:
    for value_type in (Size(), Duration(), Count()):
        problem = refusal(value_type, text)
        assert problem is None or (problem.problem.isprintable() and problem.way_out)


@pytest.mark.parametrize("raw", ["0", "-1", "1.5", "many", "1000001", 0, 2.0, True, "1_000", "9" * 5000, [1]])
def test_a_count_is_a_whole_number_within_its_bounds(raw: object) -> None:
    with pytest.raises(ValueProblem):
        Count().parse(raw, base=BASE)
    assert Count().parse(8192, base=BASE) == Count().parse("8192", base=BASE) == 8192

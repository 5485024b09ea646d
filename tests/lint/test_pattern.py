"""Regular expressions of configurations: as Python's where both know them, unknown where they are not understood."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.lint.pattern import Unsupported, matches

pieces = st.sampled_from(
    ["a", "b", ".", "\\d", "[ab]", "[^a]", "(?:a|b)", "(ab)", "^", "$", "a|b", "\\.", "\\w", "(?=a)", "(?!b)"]
)
quantified = st.tuples(pieces, st.sampled_from(["", "*", "+", "?", "{1,2}", "{2}"])).map(
    lambda pair: pair[0] if pair[0] in ("^", "$", "a|b", "(?=a)", "(?!b)") else "".join(pair)
)


@given(pattern=st.lists(quantified, min_size=1, max_size=5).map("".join), text=st.text("ab.1/", max_size=8))
def test_what_is_found_is_what_python_finds(pattern: str, text: str) -> None:
    assert matches(pattern, text) == bool(re.search(pattern, text))


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", r"(?<=a)b", r"(?R)", r"\p{L}", "(", "[a", "a**?*" * 2000, "*a", "(?x) a"]
)
def test_what_is_not_understood_is_said(pattern: str) -> None:
    with pytest.raises(Unsupported):
        matches(pattern, "aaa")


@pytest.mark.parametrize("pattern", [r"^(((a*)*)*)*b$", r"(a+)+$", r"(.*.*.*.*.*.*)x", r"((a?){60}){60}b"])
def test_what_would_take_for_ever_ends(pattern: str) -> None:
    try:
        assert not matches(pattern, "a" * 60 + "!")
    except Unsupported:
        return


def test_case_counts_unless_told_otherwise() -> None:
    assert not matches("^/API", "/api")
    assert matches("^/API", "/api", ignore_case=True)
    assert matches("(?i)^/API$", "/api")

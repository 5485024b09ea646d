"""Scenarios are asserts outside test modules: have pytest explain them as it explains its own."""

import pytest

pytest.register_assert_rewrite(
    "tests.hostile.front",
    "tests.hostile.scenarios_answers",
    "tests.hostile.scenarios_connect",
    "tests.hostile.scenarios_live",
    "tests.hostile.scenarios_load",
    "tests.hostile.scenarios_uploads",
)

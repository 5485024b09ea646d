"""Each single change for the worse of a rendered configuration is found, under the rule that is about it."""

from __future__ import annotations

from functools import cache

import pytest

from antechamber.engines.base import Form, Options
from antechamber.engines.registry import engine
from antechamber.policy.model import Address
from tests.lint.linting import POLICY, ids, judged
from tests.lint.sabotages import SABOTAGES, Sabotage


@cache
def found(text: str) -> set[str]:
    return ids(judged(text))


@pytest.mark.engine
@pytest.mark.parametrize("change", SABOTAGES, ids=lambda change: f"{change.engine}-{change.rule}-{change.words}")
def test_a_change_for_the_worse_is_found(change: Sabotage) -> None:
    (file,) = engine(change.engine).render(POLICY, Options(listen=(Address(port=8080),), form=Form.WHOLE))
    assert change.good in file.text
    assert change.rule not in found(file.text)
    assert change.rule in found(file.text.replace(change.good, change.bad))

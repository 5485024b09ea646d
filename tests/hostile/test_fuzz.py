"""The fuzz entry points work: every target holds for a while, and a target that fails says how to repeat it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.hostile import fuzz
from tests.hostile.fuzz.__main__ import TARGETS
from tests.hostile.fuzz.drive import Target, attempt
from tests.hostile.fuzz.drive import fuzz as run
from tests.protocol import agreement
from tests.protocol.readings import Fate, Reading

TRIALS = 40


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_target_holds_for_its_first_trials(target: Target) -> None:
    for number in range(TRIALS):
        target.trial(Random(f"0/{number}"))


def test_every_target_is_among_those_that_the_gate_runs() -> None:
    modules = {path.stem for path in Path(fuzz.__file__).parent.glob("*.py")} - {"__init__", "__main__", "drive"}
    assert modules == {target.name for target in TARGETS}


def test_a_failing_trial_is_told_with_what_repeats_it(capsys: pytest.CaptureFixture[str]) -> None:
    def trial(random: Random) -> None:
        assert random.random() < 0.5

    assert not run(Target("coin", trial), seconds=5, seed=3)
    told = capsys.readouterr().err
    number = int(told.rsplit("--trial ", 1)[1])
    assert "python -m tests.hostile.fuzz.coin --seed 3 --trial" in told
    assert not attempt(Target("coin", trial), seed=3, number=number)


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (Reading(Fate.REFUSED), "refuses what we accept"),
        (Reading(Fate.WHOLE, (b"GET", b"/"), [], b"b"), "another body"),
        (Reading(Fate.WHOLE, (b"GET", b"/x"), [], b"a"), "another head"),
        (Reading(Fate.WHOLE, (b"GET", b"/"), [], b"a", b"more"), "ends the message elsewhere"),
        (Reading(Fate.OPEN, (b"GET", b"/"), [], b"a"), "we are done"),
    ],
)
def test_a_reader_that_differs_in_anything_is_a_disagreement(theirs: Reading, words: str) -> None:
    ours = Reading(Fate.WHOLE, (b"GET", b"/"), [], b"a", b"")
    with pytest.raises(AssertionError, match=words):
        agreement.must_agree(ours, theirs, "other", b"")

"""The table of faults: complete, consistent, and every line of it seen on the wire."""

from __future__ import annotations

import importlib
from dataclasses import fields
from pathlib import Path

import pytest

from antechamber.errors import ConfigError
from antechamber.hop.faults import Faults
from antechamber.hop.presets import PRESETS
from antechamber.hop.table import FAULTS, Fault
from antechamber.rules.catalogue import rule
from tests.hop.shown import SHOWN

EVERY_FAULT = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.flag)


def test_every_fault_has_a_field_and_every_field_a_fault() -> None:
    assert [fault.name for fault in FAULTS] == [field.name for field in fields(Faults)]


def test_every_fault_is_shown_on_the_wire() -> None:
    for file in Path(__file__).parent.glob("test_*.py"):
        importlib.import_module(f"tests.hop.{file.stem}")
    assert {fault.flag for fault in FAULTS} == SHOWN


@EVERY_FAULT
def test_every_fault_names_rules_that_there_are(fault: Fault) -> None:

    assert fault.rules
    for identifier in fault.rules:
        assert rule(identifier).id == identifier


@EVERY_FAULT
def test_a_fault_is_told_as_it_was_asked_for(fault: Fault) -> None:

    given = Faults.of({fault.flag: fault.example or True})
    (told,) = given.told()
    assert told.split()[0] == f"--{fault.flag}"
    assert bool(fault.value) is bool(fault.example)
    assert given != Faults()


def test_no_fault_is_on_by_default() -> None:
    assert Faults().told() == []


def test_more_faults_join_those_of_a_preset_or_replace_them() -> None:
    npm = next(preset for preset in PRESETS if preset.name == "npm-default")
    merged = npm.faults.with_more(Faults.of({"cut-idle": "5s", "strip-header": "Cookie"}))
    assert merged.cut_idle == 5.0
    assert merged.strip_header == npm.faults.strip_header | {"cookie"}
    assert merged.strip_upgrade


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"hold-evnts": "3s"}, "a hop has no fault of the name hold-evnts. Did you mean hold-events?"),
        (
            {"hold-events": "soon"},
            '--hold-events: "soon" is not a duration. Write seconds (60) or a number with ms, s, m, h or d, '
            "such as 90s or 1h30m.",
        ),
        ({"strip-upgrade": "yes"}, "--strip-upgrade: it takes no value, not 'yes'"),
        ({"refuse-upgrade": "200"}, None),
        (
            {"strip-header": "a b"},
            '--strip-header: "a b" is not a field\'s name. Write a name such as X-Forwarded-For.',
        ),
        (
            {"strip-header": "Host"},
            '--strip-header: "Host" cannot be left out: it frames or addresses the message',
        ),
    ],
)
def test_a_fault_that_cannot_be_is_told_in_one_line(given: dict[str, object], line: str | None) -> None:
    with pytest.raises(ConfigError) as raised:
        Faults.of(given)
    assert line is None or str(raised.value) == line

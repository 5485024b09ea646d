"""The catalogue is whole: every rule in its place, with all that people and reports need of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import antechamber.rules
from antechamber.errors import ConfigError
from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import SITE, Observation
from antechamber.rules.catalogue import CATALOGUE, readable, rule
from antechamber.rules.lookup import find
from antechamber.rules.rule import FAMILY_TITLES, Family, Rule, Severity
from antechamber.rules.symptoms import SYMPTOMS

EVERY_RULE = pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)
FOLDER = Path(antechamber.rules.__file__).parent
EVER_GIVEN = Path(__file__).parent / "ids.txt"

FOLDERS = {
    Family.WEBSOCKET: "websocket",
    Family.EVENT_STREAMS: "events",
    Family.BODIES: "bodies",
    Family.TIME_LIMITS: "times",
    Family.HEADERS: "headers",
    Family.COMPRESSION_AND_CACHING: "compression",
    Family.TLS_AND_VERSIONS: "tls",
    Family.DEPLOYS: "deploys",
    Family.COULD_NOT_TELL: "doubts",
}


def test_every_file_of_a_rule_is_listed_and_lies_in_the_folder_of_its_family() -> None:
    files = {
        (re.findall(r'^    id="(AC\d+)"', source, re.M)[0], file.parent.name)
        for file in FOLDER.glob("*/*.py")
        if "\nRULE = " in (source := file.read_text(encoding="utf-8"))
    }
    assert files == {(one.id, FOLDERS[one.family]) for one in CATALOGUE}


def test_an_id_is_given_once_and_for_ever() -> None:
    """Configurations, issues and suppressions in the wild name ids."""
    ever = [line.split() for line in EVER_GIVEN.read_text().splitlines() if not line.startswith("#")]
    assert len({identifier for identifier, _ in ever}) == len({name for _, name in ever}) == len(ever)
    assert [[one.id, one.name] for one in CATALOGUE] == ever, "add new rules to ids.txt; change no line that is there"


@EVERY_RULE
def test_a_rule_says_all_that_a_person_needs(one: Rule) -> None:
    assert re.fullmatch(r"AC[1-9]\d\d", one.id)
    for text in (one.symptom, one.cause, one.why, one.fix):
        assert text.endswith((".", '."')), text
        assert not text.startswith(" ")
    for text in (one.title, one.reason):
        assert not text.endswith(".")
    assert one.title[0].isupper() or not one.title[0].isalpha()
    assert FAMILY_TITLES[one.family]
    assert all(source.startswith("https://") for source in one.sources)
    assert one.sources or one.family is Family.COULD_NOT_TELL
    assert set(one.symptoms) <= {1, 2, 3, 4}
    assert one.field or one.observation, "something must show it"


@EVERY_RULE
def test_a_root_is_a_fault_of_its_own_and_no_circle(one: Rule) -> None:
    for identifier in one.roots:
        assert rule(identifier).severity is not Severity.ADVICE, "advice explains no fault"
    seen: set[str] = set()
    waiting = list(one.roots)
    while waiting:
        identifier = waiting.pop()
        assert identifier != one.id
        if identifier not in seen:
            seen.add(identifier)
            waiting += rule(identifier).roots


@EVERY_RULE
def test_a_rule_of_a_site_looks_at_what_is_seen_once(one: Rule) -> None:
    if one.site:
        assert one.field is None
        assert one.observation in SITE


def test_every_observation_and_every_field_is_judged_by_a_rule() -> None:
    judged = {one.observation for one in CATALOGUE} | {Observation.FOREIGN_ORIGIN}
    assert judged >= set(Observation)
    assert {one.field for one in CATALOGUE} >= set(PolicyField)


def test_what_a_file_can_show_is_what_names_a_field() -> None:
    assert set(readable()) == {one for one in CATALOGUE if one.field is not None}


def test_the_guide_names_eight_causes_of_four_symptoms_and_each_has_its_rule() -> None:
    """OpenChamber's reverse-proxy guide, "typical signs of failure"."""
    assert [symptom.number for symptom in SYMPTOMS] == [1, 2, 3, 4]
    causes = [cause for symptom in SYMPTOMS for cause in symptom.causes]
    assert len(causes) == 8
    for symptom in SYMPTOMS:
        for cause in symptom.causes:
            assert cause.rules
            for identifier in cause.rules:
                assert symptom.number in rule(identifier).symptoms, identifier


@pytest.mark.parametrize("word", ["AC201", "ac201", "201", "response-buffered", "Response_Buffered"])
def test_a_rule_is_found_by_its_id_or_its_name(word: str) -> None:
    assert find(word).id == "AC201"


@pytest.mark.parametrize(
    ("word", "nearest"),
    [("AC2001", "AC201"), ("upgrade-lots", "upgrade-lost"), ("sse-buffered", "response-buffered (AC201)")],
)
def test_the_nearest_rule_is_named_for_one_that_does_not_exist(word: str, nearest: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"Did you mean {nearest}")):
        find(word)

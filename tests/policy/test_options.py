"""The options table is complete, agrees with the policy model, and everything made from it is fresh."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from tools import generate_docs

from antechamber.cli.serve import serve
from antechamber.policy import options, time_limits
from antechamber.policy.layers import Settings, defaults
from antechamber.policy.load import EXAMPLE, SITE_FILE, load
from antechamber.policy.model import AccessLog, Limits, Policy, Timeouts
from antechamber.policy.option import Option, Section
from antechamber.policy.options import OPTIONS
from antechamber.policy.profile import BUILT_IN
from antechamber.policy.schema import RouteShape

DECLARED = [value for module in (options, time_limits) for value in vars(module).values() if isinstance(value, Option)]


def generic(directory: Path) -> Policy:
    return load({"to": ":3000", "profile": "generic"}, environment={}, directory=directory).policy


def test_every_declared_option_is_in_the_table_once() -> None:
    assert {option.name for option in DECLARED} == {option.name for option in OPTIONS}
    for spelling in ("name", "key", "flag", "variable"):
        spellings = [getattr(option, spelling) for option in OPTIONS if getattr(option, spelling)]
        assert len(spellings) == len(set(spellings)), spelling


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_says_what_it_does_why_so_and_what_it_takes(option: Option[object]) -> None:
    assert option.help.endswith(".")
    assert option.reason.endswith(".")
    assert option.type.metavar
    assert option.type.forms
    if option.default is not None:
        Settings([defaults()], options=[option])  # reads it


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.in_profile], ids=lambda option: option.name)
def test_a_profile_sets_nothing_that_belongs_to_the_site(option: Option[object]) -> None:
    """Least of all whom to trust."""
    assert option.section not in (Section.PLACE, Section.TRUST, Section.TLS)


def test_the_models_defaults_and_the_tables_are_the_same(tmp_path: Path) -> None:
    """A policy made by hand and one that is loaded from nothing must not differ."""
    policy = generic(tmp_path)
    assert policy.timeouts == Timeouts()
    assert policy.limits == Limits()
    assert policy.access_log == AccessLog()


def test_every_option_is_a_flag_of_serve() -> None:
    flags = inspect.signature(serve).parameters
    assert {name.replace("_", "-") for name in flags} == {option.name for option in OPTIONS}


def test_the_example_file_is_six_lines_and_loads(tmp_path: Path) -> None:
    (tmp_path / SITE_FILE).write_text(EXAMPLE)
    assert len(EXAMPLE.splitlines()) == 6
    policy = load({}, environment={}, directory=tmp_path).policy
    assert str(policy.public_origin) == "https://chamber.example.com"


def test_generated_pages_are_fresh() -> None:
    assert generate_docs.stale() == [], "run make fix"


def test_every_option_route_key_and_profile_is_documented() -> None:
    pages = {name: (generate_docs.ROOT / name).read_text() for name in generate_docs.PAGES}
    for option in OPTIONS:
        assert re.search(f"`{option.flag}[ `]", pages["docs/options.md"])
        assert f"`{option.variable}`" in pages["docs/options.md"]
    for name, field in RouteShape.model_fields.items():
        assert f"| `{field.alias or name}` |" in pages["docs/options.md"]
    for profile in BUILT_IN:
        assert f"## {profile}\n" in pages["docs/profiles.md"]

"""What an engine is: a proxy product that a policy can be rendered for, and what it can promise of each field.

An engine that cannot do what a policy says must say so: :class:`Capability` is the declaration, and every rendering
repeats what is not *enforced*. Nothing outside this package asks which engine it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from textwrap import wrap
from typing import Protocol, runtime_checkable

from antechamber.engines.program import Program
from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Address, Policy, Route, Tls


class Level(StrEnum):
    """How well an engine can do what a field of a policy says."""

    ENFORCED = "enforced"
    APPROXIMATED = "approximated"
    NOT_EXPRESSIBLE = "not expressible"


@dataclass(frozen=True, slots=True)
class Capability:
    """What an engine does with one field; ``how`` is a sentence on what is different, empty where nothing is."""

    level: Level
    how: str = ""


ENFORCED = Capability(Level.ENFORCED)


def approximated(how: str) -> Capability:
    return Capability(Level.APPROXIMATED, how)


def not_expressible(why: str) -> Capability:
    return Capability(Level.NOT_EXPRESSIBLE, why)


Capabilities = Mapping[PolicyField, Capability]


def capabilities(**differing: Capability) -> Capabilities:
    """A capability for every field: the given ones (by the field's name), and *enforced*."""
    every = {field: differing.pop(field.name.lower(), ENFORCED) for field in PolicyField}
    assert not differing, f"no such fields: {', '.join(differing)}"
    return every


class Form(StrEnum):
    """What is rendered."""

    SITE = "site"
    """A site of its own, with its listeners."""
    WHOLE = "whole"
    """The same with all that the engine's binary needs to run by itself."""
    SNIPPET = "snippet"
    """Parts to include in a site that exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a rendering needs to know besides the policy."""

    listen: tuple[Address, ...]
    """Where the engine listens; an empty host is every interface."""
    redirect_from: Address | None = None
    """Where plain http is answered with a redirect to https."""
    form: Form = Form.SITE
    tls: Tls | None = None
    """Certificate and key where the engine runs."""
    issues_certificate: bool = False
    """Whether the engine is to get the certificate by itself."""
    behind_cdn: bool = False
    """Whether a CDN stands further out: then event streams say ``no-transform``."""
    version: tuple[int, ...] | None = None
    """The engine's version, where its syntax depends on it; ``None`` is a current one."""


@dataclass(frozen=True, slots=True)
class File:
    """One rendered file."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One of several sites in one configuration."""

    policy: Policy
    options: Options
    label: str = ""
    """What messages call it: the file that it was read from."""


class Engine(Protocol):
    """A product that a policy can be rendered for."""

    @property
    def name(self) -> str:
        """The word for it on the command line."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def issues_certificates(self) -> bool:
        """Whether it gets certificates by itself (ACME, RFC 8555)."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can promise, for every field."""

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        """The files that make it obey ``policy``. Raises :class:`antechamber.errors.ConfigError` for values that
        cannot be written without changing what the file means."""

    def fix(self, field: PolicyField, route: Route) -> str:
        """What to write so that ``field`` holds on ``route``, in this engine's words."""


@runtime_checkable
class Runnable(Engine, Protocol):
    """An engine with a program of its own, whose renderings can be read back."""

    @property
    def program(self) -> Program:
        """Its program: where it is found, how it reloads and stops."""

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        """The command with which the engine itself judges what was rendered into ``directory``."""

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        """The command that runs it in the foreground."""

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        """What holds, by route, according to one of its own renderings."""


@runtime_checkable
class Hosting(Engine, Protocol):
    """An engine that serves several sites with one configuration, each by its name."""

    def render_sites(self, sites: Sequence[Site]) -> tuple[File, ...]:
        """The files for all ``sites``. Raises :class:`antechamber.errors.ConfigError` also for sites that cannot stand
        beside one another."""

    def read_site(self, text: str, name: str) -> tuple[EffectiveRoute, ...]:
        """What holds, by route, on the site of that name, according to one of its own renderings."""


def heading(engine: Engine, *policies: Policy) -> str:
    """The comment that a rendering starts with: what it is, and what it cannot do."""
    names = " and ".join(dict.fromkeys(policy.app for policy in policies))
    app = "".join(character if character.isprintable() else "?" for character in names)
    lines = [
        f"{engine.title} for {app}, written by: antechamber config {engine.name}",
        "ACnnn names the rule that a line is there for.",
    ]
    if differing := differences(engine):
        lines += ["", f"Not as the policy says, because {engine.title} cannot:"]
        lines += [line for text in differing for line in wrap(text, 110, initial_indent="- ", subsequent_indent="  ")]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines) + "\n"


def differences(engine: Engine) -> list[str]:
    """A line for each field that the engine does not do as the policy says."""
    return [
        f"{field.value} ({capability.level.value}): {capability.how}"
        for field, capability in engine.capabilities.items()
        if capability.level is not Level.ENFORCED
    ]

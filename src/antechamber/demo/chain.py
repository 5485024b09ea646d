"""The demo's chain: a chamber with a password, the edge in front of it, and what is to be asked of the two.

The password matters: without one the app accepts every origin, and a demo would prove nothing about the Origin check
that most proxies fail. It is made up for each run, as is the probe token; both reach the children by environment, so
that no process list shows them.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from antechamber.demo.children import Child, running
from antechamber.policy.load import load
from antechamber.policy.model import Policy
from antechamber.probe.inquiry import Question
from antechamber.probe.manner import Manner
from antechamber.probe.target import Target

CHAMBER_READY = re.compile(r"chamber at (http://\S+)")
EDGE_READY = re.compile(r"serving (https?://\S+) -> ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person who runs the demo may choose."""

    profile: str = "openchamber"
    listen: str = "127.0.0.1:0"
    through: str = ""
    """Another proxy in front of the edge, to look through instead of the edge itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain that runs. ``url`` is what to open, ``password`` what it asks for."""

    url: str
    password: str = field(repr=False)
    policy: Policy
    question: Question
    children: Sequence[Child]


@contextlib.asynccontextmanager
async def chain(wishes: Wishes) -> AsyncIterator[Chain]:
    """Chamber and edge, from entry to exit. Raises an :class:`AntechamberError` when either does not start."""
    password, token = secrets.token_urlsafe(9), secrets.token_urlsafe(16)
    flags = _flags(wishes)
    _check(flags, wishes)
    with tempfile.TemporaryDirectory(prefix="antechamber-demo-", ignore_cleanup_errors=True) as made:
        directory = Path(made)
        async with (
            _chamber(directory, password, token) as (chamber, app_url),
            _edge(directory, flags | {"to": app_url}) as (edge, edge_url),
        ):
            url = wishes.through or edge_url
            policy = load(flags | {"to": app_url}, environment={}, directory=directory).policy
            question = Question(
                policy=replace(policy, trusted_proxies=()),  # we are a stranger to the edge, whoever else it believes
                direct=Target.of(app_url).with_lane(),
                through=Target.of(url).with_lane(),
                token=token,
                password=password,
                writes=True,
                manner=Manner(patience_s=3.0),
            )
            yield Chain(url=url, password=password, policy=policy, question=question, children=(chamber, edge))


def _check(flags: Mapping[str, str], wishes: Wishes) -> None:
    """Find misuse before anything is started. Raises :class:`antechamber.errors.ConfigError`."""
    load({**flags, "to": "http://127.0.0.1:9"}, environment={}, directory=Path("/"))
    if wishes.through:
        Target.of(wishes.through)


@contextlib.asynccontextmanager
async def _chamber(directory: Path, password: str, token: str) -> AsyncIterator[tuple[Child, str]]:
    async with running(
        "the chamber",
        ["chamber", "--listen", "127.0.0.1:0"],
        ready=CHAMBER_READY,
        environment=_environment() | {"ANTECHAMBER_CHAMBER_PASSWORD": password, "ANTECHAMBER_PROBE_TOKEN": token},
        directory=directory,
    ) as (child, ready):
        yield child, ready[1]


@contextlib.asynccontextmanager
async def _edge(directory: Path, flags: Mapping[str, str]) -> AsyncIterator[tuple[Child, str]]:
    async with running(
        "the edge", ["serve", *_written(flags)], ready=EDGE_READY, environment=_environment(), directory=directory
    ) as (child, ready):
        yield child, ready[1]


def _flags(wishes: Wishes) -> dict[str, str]:
    profile = Path(wishes.profile)
    is_file = "/" in wishes.profile or wishes.profile.endswith(".toml")
    flags = {"profile": str(profile.resolve()) if is_file else wishes.profile, "listen": wishes.listen}
    if wishes.through:
        flags["trust"] = "private"  # the proxy in front is on this machine, and its fields are to be believed
    return flags


def _written(flags: Mapping[str, str]) -> list[str]:
    return [word for name, value in flags.items() for word in (f"--{name}", value)]


def _environment() -> dict[str, str]:
    """Ours without any setting of Antechamber's: what a person has set for their own edge is not for the demo."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}

"""Every field of a policy, seen on the real engines: it holds, or differs in the way that the engine declares."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Level, Options
from antechamber.engines.registry import engine
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Address
from antechamber.supervise.binary import find
from tests.engines.behaviours import AFTERWARDS, BEHAVIOURS, LIMIT_S, Behaviour, Scene, ask, observe, policy
from tests.engines.binaries import BUILDS, CURRENT, EVERY_BUILD_IN_THE_MATRIX, Build
from tests.engines.deployed import free_port, started
from tests.engines.origin import Origin
from tests.engines.record import Cell, record

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

ALL = (*BEHAVIOURS, *AFTERWARDS)
BY_DEFAULT = (*CURRENT, "edge")
CAN_BE_RUN = {build.engine.name for build in BUILDS}

NOT_SEEN: dict[PolicyField, str] = {
    PolicyField.CONNECT_S: "test_a_host_that_does_not_answer_is_given_up_after_the_limit looks at it by itself",
    PolicyField.RESPONSE_STREAMED: "the rules AC2xx look at every stream (test_conformance.py)",
    PolicyField.REQUEST_STREAMED: "the rules AC3xx look at every upload (test_conformance.py)",
    PolicyField.DRAIN_S: "tests/supervise reloads and stops each engine under 200 open streams",
}
"""Fields without a behaviour here, and who looks at them."""


@pytest.mark.parametrize(
    "builds",
    [
        pytest.param([build for build in BUILDS if build.key in BY_DEFAULT], id="current"),
        pytest.param([build for build in BUILDS if build.key not in BY_DEFAULT], id="others", marks=pytest.mark.matrix),
    ],
)
async def test_every_field_is_as_the_engine_declares(builds: Sequence[Build], tmp_path: Path) -> None:
    """All builds at once: what is looked at is silence for the most part."""
    wrong = await asyncio.gather(*(_judged(build, tmp_path / build.key) for build in builds))
    assert not [line for lines in wrong for line in lines]


async def _judged(build: Build, directory: Path) -> list[str]:
    """What is not as declared; everything is recorded."""
    directory.mkdir()
    origin, port = Origin(), free_port()
    async with origin.running() as app_port:
        options = Options(
            listen=(Address(host="127.0.0.1", port=port),), form=Form.WHOLE, version=build.version, behind_cdn=True
        )
        async with started(build, build.engine.render(policy(app_port), options), directory, port):
            seen = await observe(Scene(port, origin), build.engine.name)
    version = str(find(build.engine, named=build.find()))
    for one in ALL:
        record(_cell(one, build, version, holds=seen[one.says]))
    return [
        f"{build.key}: {one.field.value}: {one.says}: {'holds' if seen[one.says] else 'differs'}"
        for one in ALL
        if seen[one.says] is (build.engine.name in one.differs)
    ]


def _cell(one: Behaviour, build: Build, version: str, *, holds: bool) -> Cell:
    declared = " as declared" if build.engine.name in one.differs else ""
    return Cell(
        table="fields",
        row=one.says,
        field=one.field.value,
        build=build.key,
        version=version,
        scheme="http",
        http="1.1",
        outcome="holds" if holds else f"differs{declared}",
    )


@EVERY_BUILD_IN_THE_MATRIX
async def test_a_host_that_does_not_answer_is_given_up_after_the_limit(build: Build, tmp_path: Path) -> None:
    """A listening socket whose queue is full answers nobody: connecting to it hangs, as to a host that is gone."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        port = free_port()
        options = Options(listen=(Address(host="127.0.0.1", port=port),), form=Form.WHOLE, version=build.version)
        async with started(build, build.engine.render(policy(full.getsockname()[1]), options), tmp_path, port):
            answer = await ask(Scene(port, Origin()), "/")
    assert answer.status in (502, 503, 504)
    assert answer.ended_s > LIMIT_S / 2


def test_every_field_is_seen_by_a_behaviour_or_says_who_looks_at_it() -> None:
    seen = {one.field for one in ALL}
    assert seen | set(NOT_SEEN) == set(PolicyField)
    assert not seen & set(NOT_SEEN)


def test_what_differs_is_declared_and_what_is_declared_shows() -> None:
    """A field that an engine enforces has no behaviour that differs; one that it cannot do at all has one."""
    for one in ALL:
        for name in one.differs:
            assert engine(name).capabilities[one.field].level is not Level.ENFORCED, f"{name}: {one.says}"
    for name in CAN_BE_RUN:
        for field, capability in engine(name).capabilities.items():
            if capability.level is Level.NOT_EXPRESSIBLE:
                assert any(name in one.differs for one in ALL if one.field is field), f"{name}: {field.value}"

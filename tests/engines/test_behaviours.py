"""Every field of a policy, seen on the real engines: it holds, or differs in the way that the engine declares."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Level, Options
from antechamber.engines.registry import engine
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Address
from antechamber.supervise.binary import find
from tests.engines.behaviours import AFTERWARDS, BEHAVIOURS, LIMIT_S, Scene, ask, observe, policy
from tests.engines.binaries import BUILDS, EVERY_CURRENT, Build
from tests.engines.deployed import free_port, started
from tests.engines.origin import Origin
from tests.engines.record import Cell, record

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

ALL = (*BEHAVIOURS, *AFTERWARDS)
CAN_BE_RUN = {build.engine.name for build in BUILDS}

NOT_SEEN: dict[PolicyField, str] = {
    PolicyField.CONNECT_S: "test_a_host_that_does_not_answer_is_given_up_after_the_limit looks at it by itself",
    PolicyField.RESPONSE_STREAMED: "the rules AC2xx look at every stream (test_conformance.py)",
    PolicyField.REQUEST_STREAMED: "the rules AC3xx look at every upload (test_conformance.py)",
    PolicyField.DRAIN_S: "tests/supervise reloads and stops each engine under 200 open streams",
}
"""Fields without a behaviour here, and who looks at them."""


@EVERY_CURRENT
async def test_every_field_is_as_the_engine_declares(build: Build, tmp_path: Path) -> None:
    origin, port = Origin(), free_port()
    async with origin.running() as app_port:
        options = Options(
            listen=(Address(host="127.0.0.1", port=port),), form=Form.WHOLE, version=build.version, behind_cdn=True
        )
        async with started(build, build.engine.render(policy(app_port), options), tmp_path, port):
            seen = await observe(Scene(port, origin))
    version = str(find(build.engine, named=build.find()))
    wrong = []
    for one in ALL:
        declared = build.engine.name not in one.differs
        outcome = "holds" if seen[one.says] else "differs"
        if seen[one.says] != declared:
            wrong.append(f"{one.field.value}: {one.says}: {outcome}")
        record(
            Cell(
                table="fields",
                row=one.says,
                field=one.field.value,
                build=build.key,
                version=version,
                scheme="http",
                http="1.1",
                outcome=outcome + (" as declared" if outcome == "differs" and not declared else ""),
            )
        )
    assert not wrong


@EVERY_CURRENT
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

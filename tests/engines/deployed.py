"""A rendering that runs: written, judged by the engine's own validator, started, and stopped at the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from antechamber.engines.base import File, Form, Options
from antechamber.policy.load import load
from antechamber.policy.model import Address, Policy, Tls
from tests.engines.binaries import Build
from tests.integration.programs import running

ACCEPTING_S = 20.0


def policy_of(flags: Mapping[str, object]) -> Policy:
    """A policy from flags alone."""
    return load({"to": "127.0.0.1:3000", **flags}, environment={}, directory=Path("/")).policy


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def write(build: Build, policy: Policy, options: Options, directory: Path) -> None:
    for file in build.engine.render(policy, options):
        (directory / file.name).write_text(file.text, encoding="utf-8")


def judged(build: Build, directory: Path) -> subprocess.CompletedProcess[str]:
    """What the engine's own validator says of what stands in ``directory``."""
    return subprocess.run(
        build.engine.validate_argv(build.find(), directory),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=directory,
        env=environment(directory),
    )


def environment(directory: Path) -> dict[str, str]:
    return dict(os.environ) | {"HOME": str(directory), "XDG_DATA_HOME": str(directory)}


@contextlib.asynccontextmanager
async def deployed(
    build: Build, policy: Policy, directory: Path, *, tls: Tls | None = None, change: tuple[str, str] = ("", "")
) -> AsyncIterator[int]:
    """The engine, running in front of the policy's upstream; yields its port on loopback. ``change`` is made to its
    configuration: what stands there, and what is to stand there."""
    port = free_port()
    options = Options(listen=(Address(host="127.0.0.1", port=port),), form=Form.WHOLE, tls=tls, version=build.version)
    files = build.engine.render(policy, options)
    if change[0]:
        (file,) = files
        assert change[0] in file.text
        files = (File(file.name, file.text.replace(*change)),)
    async with started(build, files, directory, port):
        yield port


@contextlib.asynccontextmanager
async def started(build: Build, files: Sequence[File], directory: Path, port: int) -> AsyncIterator[None]:
    """The engine with these files, judged by its validator and listening on ``port``."""
    for file in files:
        (directory / file.name).write_text(file.text, encoding="utf-8")
    verdict = judged(build, directory)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    argv = build.engine.run_argv(build.find(), directory)
    with running(argv, cwd=directory, env=environment(directory)) as program:
        try:
            await accepting(port)
        except TimeoutError:
            raise AssertionError(f"{build.key} does not listen:\n{program.output[-2000:]}") from None
        yield


async def accepting(port: int) -> None:
    async with asyncio.timeout(ACCEPTING_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return

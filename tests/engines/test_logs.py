"""What engines write down of a request: never its query, where apps put short-lived tokens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Options
from antechamber.policy.model import Address
from tests.engines.behaviours import policy
from tests.engines.binaries import BUILDS, Build
from tests.engines.deployed import accepting, environment, free_port, write
from tests.engines.origin import Origin
from tests.integration.programs import running

pytestmark = pytest.mark.engine

TELLS = {"caddy": r"aborting with incomplete response", "caddy-json": r"aborting with incomplete response"}
"""What is printed of a stream that its reader leaves."""


@pytest.mark.parametrize("build", [one for one in BUILDS if one.key in TELLS], ids=lambda build: build.key)
async def test_a_token_in_the_query_is_not_logged_when_a_reader_leaves(build: Build, tmp_path: Path) -> None:
    origin, port = Origin(), free_port()
    async with origin.running() as app_port:
        write(
            build,
            policy(app_port),
            Options(listen=(Address(host="127.0.0.1", port=port),), form=Form.WHOLE),
            tmp_path,
        )
        argv = build.engine.run_argv(build.find(), tmp_path)
        with running(argv, cwd=tmp_path, env=environment(tmp_path)) as program:
            await accepting(port)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /held/left?token=s3cret HTTP/1.1\r\nHost: a\r\n\r\n")
            await reader.readuntil(b"data: 1")
            writer.close()
            await asyncio.to_thread(program.wait_for, TELLS[build.key])
            assert "/held/left" in program.output
            assert "s3cret" not in program.output

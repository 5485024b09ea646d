"""``antechamber check``: every live route of a deployment, through the whole chain and directly."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from antechamber.cli.flags import Flags, with_flags
from antechamber.cli.parameters import argument, flag
from antechamber.errors import ConfigError
from antechamber.policy import options as opt
from antechamber.policy.load import load
from antechamber.report.render import Form

PASSWORD_VARIABLE = "ANTECHAMBER_APP_PASSWORD"  # noqa: S105  # a variable's name
TOKEN_VARIABLE = "ANTECHAMBER_PROBE_TOKEN"  # noqa: S105
_NOWHERE = "http://app.invalid:80"

OPTIONS = (opt.PROFILE, opt.CONFIG, opt.TRUST, opt.BODY_LIMIT, opt.UNTRUSTED_FIELDS)
"""The options that decide what is required."""


class FailOn(StrEnum):
    """How bad a finding must be for exit code 1."""

    ERROR = "error"
    WARNING = "warning"


def _check(
    flags: Flags,
    url: Annotated[str, argument(metavar="URL", help="The public address, as a browser opens it.")],
    direct: Annotated[str, flag(metavar="URL", help="The app's own address: what differs is the proxy's.")] = "",
    hop: Annotated[
        list[str] | None,
        flag(metavar="NAME=URL", help="A station on the way, from the outermost inwards; repeatable."),
    ] = None,
    password: Annotated[
        bool,
        flag(help=f"Sign in: the password comes from {PASSWORD_VARIABLE}, or is asked for."),
    ] = False,
    cookie: Annotated[
        list[str] | None, flag(metavar="NAME=VALUE", help="A cookie of a session that you have; repeatable.")
    ] = None,
    header: Annotated[
        list[str] | None,
        flag(metavar="NAME: VALUE", help="A field for every request, of a gate further out; repeatable."),
    ] = None,
    probe_token: Annotated[
        str,
        flag(metavar="TOKEN", help=f"Of an app or witness that answers probes (or {TOKEN_VARIABLE})."),
    ] = "",
    ca: Annotated[Path | None, flag(metavar="FILE", help="Certificates (PEM) to believe besides the system's.")] = None,
    quick: Annotated[bool, flag(help="The default: 20 s, longer only where much is silent at once.")] = False,
    patience: Annotated[str, flag(metavar="TIME", help="Wait for time limits, for this long: 15m.")] = "",
    allow_writes: Annotated[bool, flag(help="Uploads and a terminal may be tried on the app itself.")] = False,
    form: Annotated[Form, flag("--format", help="How the result is written.")] = Form.TEXT,
    output: Annotated[Path | None, flag(metavar="FILE", help="Write the result there.")] = None,
    fail_on: Annotated[FailOn, flag(help="How bad a finding must be for exit code 1.")] = FailOn.WARNING,
    engine: Annotated[str, flag(metavar="NAME", help="Whose words fixes are in; recognised if not given.")] = "",
) -> int:
    """Looks at every route through the chain and directly, and names what differs, why, and at which hop.

    Reads only, unless writes are allowed or the app answers probes. Exit codes: 0 nothing found, 1 findings, 2 misuse,
    3 not reachable, 4 a login is needed, 130 interrupted.
    """
    from antechamber.cli.check_run import Wanted, run_check

    if quick and patience:
        raise ConfigError("--quick and --patience exclude each other", way_out="Give one of them.")
    loaded = load(flags, environment=os.environ, directory=Path.cwd(), app=_NOWHERE)
    for warning in loaded.warnings:
        print(f"antechamber: warning: {warning}", file=sys.stderr)
    wanted = Wanted(
        url=url,
        direct=direct,
        hops=tuple(hop or ()),
        password=_password() if password else "",
        cookies=tuple(cookie or ()),
        headers=tuple(header or ()),
        token=probe_token or os.environ.get(TOKEN_VARIABLE, ""),
        authorities=_authorities(ca),
        patience=patience,
        writes=allow_writes,
        form=form,
        output=output,
        fail_on=fail_on.value,
        engine=engine,
    )
    return run_check(wanted, loaded.policy)


def _password() -> str:
    """From the environment, else asked for at the terminal, without echo."""
    if given := os.environ.get(PASSWORD_VARIABLE, ""):
        return given
    if not sys.stdin.isatty():
        way_out = f"Set {PASSWORD_VARIABLE}, or run this at a terminal."
        raise ConfigError("there is nobody to ask for the password", place="--password", way_out=way_out)
    from getpass import getpass

    try:
        return getpass("Password of the app: ", stream=sys.stderr)
    except EOFError:
        raise ConfigError("no password was typed", place="--password") from None


def _authorities(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{file} is not a readable PEM file", place="--ca") from None
    if "BEGIN CERTIFICATE" not in text:
        raise ConfigError(f"{file} holds no certificate", place="--ca", way_out="It must be PEM.")
    return text


check = with_flags(_check, options=OPTIONS)

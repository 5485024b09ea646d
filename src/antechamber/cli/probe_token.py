"""The flag ``--probe-token`` of commands that answer probes."""

from __future__ import annotations

import typer
from typer.models import OptionInfo

from antechamber.errors import ConfigError
from antechamber.surface.request import is_token

PROBE_TOKEN_VARIABLE = "ANTECHAMBER_PROBE_TOKEN"  # noqa: S105  # a variable's name, not a token


def probe_token_option(more: str = "") -> OptionInfo:
    """The option, as typer has it; ``more`` ends its help."""
    option: OptionInfo = typer.Option(
        metavar="TOKEN",
        envvar=PROBE_TOKEN_VARIABLE,
        show_envvar=False,
        help=f"Answer probes that carry this token. Or set {PROBE_TOKEN_VARIABLE}. {more}".rstrip(),
    )
    return option


def require_probe_token(token: str) -> None:
    """Raises :class:`ConfigError` for what is neither empty nor a probe token."""
    if token and not is_token(token):
        raise ConfigError("a probe token is 8 to 128 of A-Z a-z 0-9 - . _ ~", place="--probe-token")

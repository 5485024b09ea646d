"""The flag ``--probe-token`` of commands that answer probes."""

from __future__ import annotations

from antechamber.cli.parameters import Flag, flag
from antechamber.errors import ConfigError
from antechamber.surface.request import is_token

PROBE_TOKEN_VARIABLE = "ANTECHAMBER_PROBE_TOKEN"  # noqa: S105  # a variable's name, not a token


def probe_token_flag(more: str = "") -> Flag:
    """The flag as it is declared; ``more`` ends its help."""
    return flag(
        metavar="TOKEN",
        variable=PROBE_TOKEN_VARIABLE,
        help=f"Answer probes that carry this token. Or set {PROBE_TOKEN_VARIABLE}. {more}".rstrip(),
    )


def require_probe_token(token: str) -> None:
    """Raises :class:`ConfigError` for what is neither empty nor a probe token."""
    if token and not is_token(token):
        raise ConfigError("a probe token is 8 to 128 of A-Z a-z 0-9 - . _ ~", place="--probe-token")

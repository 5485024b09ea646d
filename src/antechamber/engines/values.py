"""Values on their way into a configuration: written so that they mean themselves, or refused.

What a person writes (a socket's path, a certificate's file name, a route) may hold quotes, blanks, ``;`` or ``{``. Each
engine quotes in its own way; what none of them can quote safely is refused here, with the value named.
"""

from __future__ import annotations

import re

from antechamber.errors import ConfigError

_TOKEN = re.compile(r"[a-z0-9][a-z0-9./+-]*")
_FIELD_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def printable(text: str, *, what: str, never: str = "") -> str:
    """``text``, if every character of it can stand in a quoted word; ``never`` are characters that cannot."""
    for character in text:
        if character in never or not character.isprintable():
            shown = ascii(character)[1:-1]
            raise ConfigError(
                f"{what} holds the character {shown}, which this engine's configuration cannot quote",
                way_out="Choose a name without it.",
            )
    return text


def upgrade_token(token: str) -> str:
    """An upgrade token that is a plain word in every engine."""
    if not _TOKEN.fullmatch(token) or token in ("default", "hostnames", "include", "volatile"):
        raise ConfigError(f"the upgrade token {token!a} has a meaning of its own in configurations")
    return token


def field_name(name: str) -> str:
    """The name of a request field that is a plain word in every engine, in its usual capitals."""
    if not _FIELD_NAME.fullmatch(name):
        raise ConfigError(
            f"the field name {name!a} cannot be written into a configuration",
            way_out="Leave it out of untrusted-fields: of punctuation, names of fields have hyphens only.",
        )
    return "-".join(part.capitalize() for part in name.split("-"))


def milliseconds(seconds: float) -> int:
    """A time limit in whole milliseconds, the finest that the engines know; never zero, which means "none" to some."""
    return max(1, round(seconds * 1000))


def short_time(seconds: float) -> str:
    """A time limit as nginx, HAProxy and Caddy all write it: ``60s``, or ``1500ms``."""
    count = milliseconds(seconds)
    return f"{count // 1000}s" if count % 1000 == 0 else f"{count}ms"


def read_time(text: str) -> float:
    """The seconds that :func:`short_time` wrote."""
    if text.endswith("ms"):
        return int(text.removesuffix("ms")) / 1000
    return float(int(text.removesuffix("s")))

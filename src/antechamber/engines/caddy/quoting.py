"""Values as a Caddyfile takes them (https://caddyserver.com/docs/caddyfile/concepts#tokens-and-quotes).

Braces start placeholders, and are looked for within quotes too, so they are refused.
"""

from __future__ import annotations

import re
from pathlib import Path

from antechamber.engines.values import printable
from antechamber.policy.model import Address

_BARE = re.compile(r"[A-Za-z0-9_./:^$|*+?()\[\]-]+")


def word(text: str) -> str:
    """``text`` as one token."""
    if _BARE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def path(value: Path) -> str:
    return word(plain(value))


def plain(value: Path) -> str:
    """A file's path without quotes, as JSON has it: braces would start a placeholder there too."""
    return printable(str(value), what=f"the path {str(value)!a}", never="{}\\")


def upstream(address: Address) -> str:
    return word(dial(address))


def dial(address: Address) -> str:
    """Where the app is: ``HOST:PORT``, or ``unix/PATH``. A bar in it would start a mode (https://caddyserver.com/docs/conventions#network-addresses)."""
    if address.unix:
        return "unix/" + printable(address.unix, what="the app's socket path", never="{}\\|")
    return str(address)

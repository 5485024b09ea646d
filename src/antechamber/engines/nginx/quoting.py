"""Values as nginx's configuration grammar takes them (src/core/ngx_conf_file.c).

A word in double quotes ends at the next double quote; a backslash takes quotes and itself literally. ``$`` starts a
variable in most directives and cannot be escaped, so it is refused wherever a variable would be looked for.
"""

from __future__ import annotations

import re
from pathlib import Path

from antechamber.engines.plan import Block
from antechamber.engines.values import printable
from antechamber.policy.model import Address

_BARE = re.compile(r"[A-Za-z0-9_./:~^$|*+?()\[\]-]+")
_UNITS = (("g", 1024**3), ("m", 1024**2), ("k", 1024))


def word(text: str) -> str:
    """``text`` as one word."""
    if _BARE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def path(value: Path) -> str:
    """A file's path: variables are looked for in it (ssl_certificate, since 1.15.9)."""
    return word(printable(str(value), what=f"the path {str(value)!a}", never="$"))


def upstream(address: Address) -> str:
    """Where the app is, after ``server``. A colon after ``unix:`` would start something else."""
    if address.unix:
        return word("unix:" + printable(address.unix, what="the app's socket path", never="$:"))
    return word(str(address))


def listen(address: Address) -> str:
    return str(address)


def location(block: Block[object]) -> str:
    """The words between ``location`` and its brace."""
    if block.exact and len(block.routes) == 1:
        return f"= {word(block.routes[0].path)}"
    return f"~ {word(block.regex)}"


def size(count: int) -> str:
    """A number of bytes in the largest unit that keeps it whole."""
    return next((f"{count // step}{unit}" for unit, step in _UNITS if count % step == 0), str(count))

"""Masking of secrets in request targets, for logs and reports.

Browsers cannot set fields on WebSockets and EventSource, so apps put tokens into the query. Servers disagree on how a
query is split (``&`` for all, ``;`` for some, and a second ``?`` for sloppy clients), so a key is looked for after each
of them, and what follows is masked up to the next ``&``: rather a character too many than half a token.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from urllib.parse import unquote_plus

MASK = "***"

_SEPARATOR = re.compile(r"[;?]")


def masked(target: str, secret_keys: AbstractSet[str]) -> str:
    """``target`` with the values of the secret query keys replaced by ``***``; keys are compared exactly, decoded."""
    path, mark, query = target.partition("?")
    if not mark or not secret_keys:
        return target
    return path + mark + "&".join(_masked_field(field, secret_keys) for field in query.split("&"))


def _masked_field(field: str, secret_keys: AbstractSet[str]) -> str:
    start = 0
    while start <= len(field):
        found = _SEPARATOR.search(field, start)
        end = found.start() if found else len(field)
        key, equals, _ = field[start:end].partition("=")
        if equals and (key in secret_keys or unquote_plus(key) in secret_keys):
            return f"{field[:start]}{key}={MASK}"
        start = end + 1
    return field

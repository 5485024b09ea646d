"""A run without its secrets: done once, on values, before any format sees them.

Three kinds of secrets go: values that the caller knows to be secret, wherever they stand; credentials in a URL; and the
values of query keys that are an app's secrets or sound like one.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass, replace
from operator import is_
from typing import TypeVar
from urllib.parse import quote

from antechamber.policy.mask import MASK, masked
from antechamber.report.run import Run
from antechamber.rules.rule import Rule
from antechamber.surface import redact

T = TypeVar("T")

_SHORTEST_SECRET = 4
"""Replacing a shorter text everywhere would garble the report and give the secret away by its gaps."""

_USER_INFORMATION = re.compile(r"(?<=://)[^/?#\s@]+@")
_WITH_QUERY = re.compile(r"[^\s\"'<>]+\?[^\s\"'<>]+")


def redacted(run: Run) -> Run:
    """``run`` as it may be shown to anybody."""
    secrets = sorted((one for one in run.secrets if len(one) >= _SHORTEST_SECRET), key=len, reverse=True)
    spelt = [form for secret in secrets for form in dict.fromkeys((secret, quote(secret, safe="")))]
    cleaner = _Cleaner(spelt, run.secret_query_keys)
    return replace(cleaner.clean(replace(run, secrets=frozenset())), secret_query_keys=run.secret_query_keys)


class _Cleaner:
    """Walks values; what holds no secret stays the same object, and the catalogue's own texts are not looked at."""

    def __init__(self, secrets: list[str], query_keys: AbstractSet[str]) -> None:
        self._secrets = secrets
        self._query_keys = query_keys
        self._done: dict[str, str] = {}

    def clean(self, value: T) -> T:
        match value:
            case str() if type(value) is str:
                return self._text(value)  # type: ignore[return-value]  # T is str here, which mypy cannot narrow
            case tuple():
                items = tuple(self.clean(item) for item in value)
                unchanged = all(map(is_, items, value))
                return value if unchanged else items  # type: ignore[return-value]  # a tuple of the same
            case Rule():
                return value
            case dict():
                return {self.clean(key): self.clean(item) for key, item in value.items()}  # type: ignore[return-value]  # a dict of the same
            case _ if is_dataclass(value) and not isinstance(value, type):
                cleaned = {one.name: self.clean(getattr(value, one.name)) for one in fields(value) if one.init}
                changed = {name: item for name, item in cleaned.items() if item is not getattr(value, name)}
                return replace(value, **changed) if changed else value
            case _:
                return value

    def _text(self, text: str) -> str:
        """``text`` without secrets, and without characters by which a server could speak to a terminal. A run says the
        same thing on every route, so what was cleaned once is remembered."""
        if text not in self._done:
            self._done[text] = self._cleaned(text)
        cleaned = self._done[text]
        return text if cleaned == text else cleaned

    def _cleaned(self, text: str) -> str:
        if not text.isprintable():
            text = "".join(one if one.isprintable() or one in "\n\t" else "�" for one in text.replace("\r\n", "\n"))
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        if "://" in text:
            text = _USER_INFORMATION.sub(f"{MASK}@", text)
        if "?" in text:
            text = _WITH_QUERY.sub(lambda found: redact.target(masked(found[0], self._query_keys), marker=MASK), text)
        return text

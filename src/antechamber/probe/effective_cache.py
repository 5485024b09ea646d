"""What an answer shows of caches: whether it came out of one, and what clients are told of keeping it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from antechamber.policy.effective import APP_ONLY, PolicyField
from antechamber.policy.observation import Observation
from antechamber.probe.facts import Facts
from antechamber.probe.seen import Seen
from antechamber.probe.transcript import HttpTranscript

_CACHED = (
    (b"age", re.compile(rb"\s*[1-9]")),
    (b"cf-cache-status", re.compile(rb"(?i)hit|stale|updating|revalidated")),
    (b"x-cache", re.compile(rb"(?i)\bhit\b")),
    (b"x-cache-status", re.compile(rb"(?i)hit|stale")),
    (b"x-proxy-cache", re.compile(rb"(?i)hit")),
    (b"cache-status", re.compile(rb"(?i);\s*hit")),
)
_FORBID = {"no-store", "no-cache", "private"}
_KEPT_BY_NOBODY = {"no-store", "private"}
_ALLOW = {"public", "immutable"}
_AGES = ("max-age", "s-maxage")


@dataclass(frozen=True, slots=True)
class Word:
    """What an answer says of keeping it (RFC 9111 section 5.2.2): the strictest reading of all its fields."""

    directives: frozenset[str]
    life_s: float | None
    """How long it may be kept unasked; ``None`` if it does not say."""
    text: str

    @property
    def forbids(self) -> bool:
        """Whether a shared cache may not give it out unasked."""
        return bool(self.directives & _FORBID)

    @property
    def strict(self) -> bool:
        """Whether it is to be asked for again, or not to be kept at all."""
        return self.forbids or self.life_s == 0

    @property
    def allows(self) -> bool:
        """Whether it may be kept for a while, by anybody."""
        return not self.forbids and (bool(self.life_s) or "immutable" in self.directives)


def word_of(answer: HttpTranscript) -> Word:
    """The word of an answer's ``Cache-Control`` and, without a lifetime in there, of its ``Expires``."""
    values = _cache_control(answer)
    parts = [part.strip().partition("=") for value in values for part in value.split(",")]
    ages = [float(bare) for name, _, age in parts if name in _AGES and (bare := age.strip('"')).isdecimal()]
    life_s = min(ages) if ages else _until_expiry_s(answer)
    said = [f"Cache-Control: {' and '.join(values)}"] if values else []
    expires = answer.field(b"expires")
    if expires is not None and not ages:
        said.append(f"Expires: {expires.decode('latin-1')}")
    return Word(frozenset(name for name, _, _ in parts if name), life_s, "; ".join(said))


def cache_facts(seen: Seen, real: HttpTranscript, facts: Facts) -> None:
    """Everything that the answer ``real`` and those beside it show of caches."""
    _kept(seen, real, facts)
    _freshness(seen, real, facts)
    _conflicts(seen, real, facts)


def _kept(seen: Seen, real: HttpTranscript, facts: Facts) -> None:
    direct, reuse = seen.direct, seen.through.reuse
    mark = _mark(real)
    if reuse is not None and reuse.shared:
        if direct is not None and direct.reuse is not None and direct.reuse.shared:
            _cached(facts, None, f"directly it is the same: {reuse.words}")
        else:
            _cached(facts, True, reuse.words)
    elif mark and (allowed := _allowed(seen, real)):
        _cached(facts, False, f"{mark}, and the app allows it: {allowed}")
    elif mark:
        _cached(facts, True, mark)
    else:
        _cached(facts, False, reuse.words if reuse else "nothing in the answer says that it came out of a cache")


def _cached(facts: Facts, value: bool | None, evidence: str) -> None:
    if value is None:
        facts.unseen(Observation.FROM_CACHE, because=evidence)
        facts.unknown(PolicyField.CACHE, because=evidence)
        return
    facts.saw(Observation.FROM_CACHE, value, evidence)
    facts.holds(PolicyField.CACHE, "outer" if value else APP_ONLY, evidence)


def _mark(real: HttpTranscript) -> str:
    """What on an answer says that it came out of a cache; empty if nothing does."""
    for name, pattern in _CACHED:
        value = real.field(name)
        if value is not None and pattern.search(value):
            return f"{name.decode()}: {value.decode('latin-1')}"
    return ""


def _allowed(seen: Seen, real: HttpTranscript) -> str:
    """The app's own word that allows to keep its answer; empty if it does not."""
    direct = seen.direct.real if seen.direct is not None else None
    word = word_of(direct or real)
    if "revalidated" in _mark(real).lower() and not word.directives & _KEPT_BY_NOBODY:
        return f"it was asked again, as {word.text or 'nothing'} wants"
    return word.text if word.allows else ""


def _freshness(seen: Seen, real: HttpTranscript, facts: Facts) -> None:
    direct = seen.direct.real if seen.direct is not None else None
    if direct is None or (direct.status, direct.media_type) != (real.status, real.media_type):
        facts.unseen(Observation.FRESHNESS, because="there is no such answer directly to compare it with")
        return
    app, told = word_of(direct), word_of(real)
    evidence = f"{told.text or 'nothing is said of keeping it'}; directly {app.text or 'nothing'}"
    if not app.text:
        facts.unseen(Observation.FRESHNESS, because="the app says nothing of keeping it")
    elif app.strict and told.allows:
        facts.saw(Observation.FRESHNESS, "prolonged", evidence)
    elif app.forbids and not told.text:
        facts.saw(Observation.FRESHNESS, "lost", evidence)
    else:
        facts.saw(Observation.FRESHNESS, "as said", evidence)


def _conflicts(seen: Seen, real: HttpTranscript, facts: Facts) -> None:
    direct = seen.direct.real if seen.direct is not None else None
    conflict = _conflicting(real) and not (direct is not None and _conflicting(direct))
    words = " and ".join(_cache_control(real))
    facts.saw(
        Observation.CACHE_CONTROL, "conflicting" if conflict else "consistent", f"Cache-Control: {words or 'none'}"
    )


def _conflicting(answer: HttpTranscript) -> bool:
    """Two fields that differ, or one that allows what it forbids."""
    values = _cache_control(answer)
    said = {word.strip() for value in values for word in value.split(",")}
    return len(set(values)) > 1 or bool(said & _FORBID and said & _ALLOW)


def _cache_control(answer: HttpTranscript) -> list[str]:
    return [value.decode("latin-1").lower() for name, value in answer.fields if name.lower() == b"cache-control"]


def _until_expiry_s(answer: HttpTranscript) -> float | None:
    """From ``Date`` to ``Expires``; what is no date has passed (RFC 9111 section 5.3)."""
    expires, date = answer.field(b"expires"), answer.field(b"date")
    if expires is None:
        return None
    try:
        until = parsedate_to_datetime(expires.decode("latin-1")).timestamp()
        now = parsedate_to_datetime((date or b"").decode("latin-1")).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, until - now)

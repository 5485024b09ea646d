"""What answers show of caches, from written ones: whose answer is given, and what clients are told of keeping it."""

from __future__ import annotations

import pytest

from antechamber.policy.effective import APP_ONLY, PolicyField
from antechamber.policy.model import Kind, Route
from antechamber.policy.observation import Observation
from antechamber.probe.effective_cache import word_of
from antechamber.probe.look import Look, Reuse
from tests.probe.made import answer, effective, holds, saw

PAGE = Route(name="page", path="/page", kind=Kind.PAGE)
HOUR = {"Date": "Sun, 29 Nov 2026 18:00:00 GMT", "Expires": "Sun, 29 Nov 2026 19:00:00 GMT"}
SHARED, OWN = Reuse(shared=True, words="the first one's"), Reuse(shared=False, words="each by itself")


def said(**fields: str) -> Look:
    """An answer with these fields; underscores stand for hyphens."""
    return Look(real=answer(fields={name.replace("_", "-"): value for name, value in fields.items()}))


@pytest.mark.parametrize(
    ("fields", "forbids", "strict", "allows", "life_s"),
    [
        ({}, False, False, False, None),
        ({"Cache-Control": "no-store"}, True, True, False, None),
        ({"Cache-Control": "no-store, must-revalidate"}, True, True, False, None),
        ({"Cache-Control": "public, max-age=0"}, False, True, False, 0),
        ({"Cache-Control": "PRIVATE, Max-Age=600"}, True, True, False, 600),
        ({"Cache-Control": "public, max-age=31536000, immutable"}, False, False, True, 31536000),
        ({"Cache-Control": "max-age=0, s-maxage=60"}, False, True, False, 0),
        ({"Cache-Control": 'max-age="60"'}, False, False, True, 60),
        ({"Cache-Control": "max-age=soon"}, False, False, False, None),
        (HOUR, False, False, True, 3600),
        (HOUR | {"Cache-Control": "max-age=5"}, False, False, True, 5),
        ({"Expires": "0", "Date": HOUR["Date"]}, False, True, False, 0),
        ({"Expires": HOUR["Expires"]}, False, True, False, 0),
    ],
)
def test_the_word_of_an_answer_is_its_strictest(
    fields: dict[str, str], forbids: bool, strict: bool, allows: bool, life_s: float | None
) -> None:
    word = word_of(answer(fields=fields))
    assert (word.forbids, word.strict, word.allows, word.life_s) == (forbids, strict, allows, life_s)


@pytest.mark.parametrize(
    ("through", "direct", "cached"),
    [
        (said(Age="5"), said(Cache_Control="no-store"), True),
        (said(Age="5"), said(Cache_Control="public, max-age=0"), True),
        (said(Age="5"), said(Cache_Control="public, max-age=31536000, immutable"), False),
        (said(Age="5"), said(**HOUR), False),
        (said(Age="5"), said(), True),
        (said(Age="5", Cache_Control="public, max-age=60"), None, False),
        (said(Cf_Cache_Status="REVALIDATED"), said(Cache_Control="public, max-age=0"), False),
        (said(Cf_Cache_Status="REVALIDATED"), said(Cache_Control="no-store"), True),
        (said(Age="0"), said(Cache_Control="no-store"), False),
        (said(), said(), False),
    ],
)
def test_a_mark_of_a_cache_is_no_fault_where_the_app_allows_it(
    through: Look, direct: Look | None, cached: bool
) -> None:
    route = effective(PAGE, through, direct)
    assert saw(route, Observation.FROM_CACHE) is cached
    assert (holds(route, PolicyField.CACHE) == APP_ONLY) is not cached


@pytest.mark.parametrize(
    ("through", "direct", "cached"),
    [(SHARED, OWN, True), (SHARED, None, True), (OWN, OWN, False), (SHARED, SHARED, None)],
)
def test_an_answer_that_was_made_for_somebody_else_came_out_of_a_cache_whatever_it_says(
    through: Reuse, direct: Reuse | None, cached: bool | None
) -> None:
    """Where the app itself gives it out again, that is no proxy's doing."""
    plain = answer(fields={"Cache-Control": "no-store"})
    route = effective(PAGE, Look(real=plain, reuse=through), Look(real=plain, reuse=direct))
    assert saw(route, Observation.FROM_CACHE) is cached


@pytest.mark.parametrize(
    ("through", "direct", "value"),
    [
        (said(Cache_Control="max-age=22650"), said(Cache_Control="no-store"), "prolonged"),
        (said(Cache_Control="max-age=22650"), said(Cache_Control="public, max-age=0"), "prolonged"),
        (said(**HOUR), said(Cache_Control="no-cache"), "prolonged"),
        (said(Cache_Control="public, max-age=60"), said(Cache_Control="private, max-age=60"), "prolonged"),
        (said(), said(Cache_Control="no-store"), "lost"),
        (said(), said(Cache_Control="public, max-age=0"), "as said"),
        (said(Cache_Control="no-store"), said(Cache_Control="no-store"), "as said"),
        (said(Cache_Control="no-cache, no-transform"), said(Cache_Control="no-cache"), "as said"),
        (said(Cache_Control="max-age=14400"), said(Cache_Control="max-age=60"), "as said"),
        (said(Cache_Control="max-age=60"), said(), None),
        (said(Cache_Control="max-age=60"), None, None),
        (Look(real=answer(media_type="text/html")), said(Cache_Control="no-store"), None),
        (said(Cache_Control="max-age=60"), Look(real=answer(404, fields={"Cache-Control": "no-store"})), None),
    ],
)
def test_what_clients_are_told_is_held_against_the_apps_own_word(
    through: Look, direct: Look | None, value: str | None
) -> None:
    assert saw(effective(PAGE, through, direct), Observation.FRESHNESS) == value

"""What ordinary answers and uploads show: codings, caches, redirects, body limits."""

from __future__ import annotations

import gzip
import zlib

import pytest

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.probe.look import Ladder, Look, Rung
from antechamber.probe.observed import Echo
from antechamber.probe.transcript import End
from tests.probe.made import API, HOST, UPLOAD, answer, effective, holds, saw

TEXT = b'{"status": "' + b"x" * 2000 + b'"}'
ZIPPED = gzip.compress(TEXT)
MIB = 1024 * 1024
REFUSAL = answer(413, "text/html", b"<html><center>nginx/1.31.3</center></html>")


def coded(coding: str, body: bytes, **fields: str) -> Look:
    return Look(real=answer(body=body, fields={"Content-Encoding": coding, **fields} if coding else fields))


PLAIN = coded("", TEXT)


def test_an_answer_that_the_app_compressed_is_the_app_s() -> None:
    route = effective(API, coded("gzip", ZIPPED), coded("gzip", ZIPPED))
    assert saw(route, Observation.CODINGS) == 1
    assert saw(route, Observation.CONTENT) == "intact"
    assert saw(route, Observation.COMPRESSOR) == "app"


@pytest.mark.parametrize(
    ("through", "direct", "observation", "value"),
    [
        (coded("gzip", ZIPPED), PLAIN, Observation.COMPRESSOR, "outer"),
        (coded("gzip, gzip", gzip.compress(ZIPPED)), coded("gzip", ZIPPED), Observation.CODINGS, 2),
        (coded("gzip", gzip.compress(ZIPPED)), coded("gzip", ZIPPED), Observation.CODINGS, 2),
        (coded("gzip", TEXT), coded("gzip", ZIPPED), Observation.CONTENT, "garbled"),
        (coded("gzip", ZIPPED[:-20]), coded("gzip", ZIPPED), Observation.CONTENT, "garbled"),
        (coded("gzip", ZIPPED), coded("", TEXT, **{"Cache-Control": "no-transform"}), Observation.TRANSFORMED, True),
        (coded("", TEXT, Age="12"), PLAIN, Observation.FROM_CACHE, True),
        (coded("", TEXT, Age="0"), PLAIN, Observation.FROM_CACHE, False),
        (coded("", TEXT, **{"CF-Cache-Status": "HIT"}), PLAIN, Observation.FROM_CACHE, True),
        (coded("", TEXT, **{"CF-Cache-Status": "DYNAMIC"}), PLAIN, Observation.FROM_CACHE, False),
        (coded("", TEXT, **{"Cache-Control": "no-store, public"}), PLAIN, Observation.CACHE_CONTROL, "conflicting"),
        (
            coded("", TEXT, **{"Cache-Control": "no-cache, no-transform"}),
            PLAIN,
            Observation.CACHE_CONTROL,
            "consistent",
        ),
    ],
)
def test_what_was_done_to_an_answer_on_the_way_is_seen(
    through: Look, direct: Look, observation: Observation, value: object
) -> None:
    assert saw(effective(API, through, direct), observation) == value


@pytest.mark.parametrize(
    ("through", "compressor"),
    [
        (coded("", TEXT), "none"),
        (coded("deflate", zlib.compress(TEXT)), None),
    ],
)
def test_a_hop_that_asks_the_app_for_another_coding_is_not_taken_for_one_that_compresses(
    through: Look, compressor: str | None
) -> None:
    """Some clear Accept-Encoding, some normalise it."""
    route = effective(API, through, coded("gzip", ZIPPED))
    assert saw(route, Observation.COMPRESSOR) == compressor
    assert holds(route, PolicyField.COMPRESSION) != "outer"


def test_nobody_is_said_to_compress_where_there_is_nothing_to_compress() -> None:
    route = effective(API, Look(real=answer()), Look(real=answer()))
    assert holds(route, PolicyField.COMPRESSION) is None
    assert "too small" in route.fields[PolicyField.COMPRESSION].where


@pytest.mark.parametrize(
    ("location", "value"),
    [
        ("/login", "public"),
        (f"https://{HOST}/login", "public"),
        (f"http://{HOST}/login", "http"),
        ("http://127.0.0.1:3000/login", "inner"),
        ("https://accounts.test/", None),
    ],
)
def test_where_a_redirect_leads_is_seen(location: str, value: str | None) -> None:
    direct = Look(real=answer(302, "", b"", fields={"Location": "http://127.0.0.1:3000/login"}))
    through = Look(real=answer(302, "", b"", fields={"Location": location}))
    assert saw(effective(API, through, direct), Observation.REDIRECTS) == value


def test_the_body_limit_is_where_announced_bodies_are_refused_and_says_who_refused() -> None:
    through = Look(ladder=Ladder(passed_bytes=MIB, refused_bytes=2 * MIB, refusal=REFUSAL))
    route = effective(UPLOAD, through, Look(ladder=Ladder(passed_bytes=140 * MIB)))
    assert holds(route, PolicyField.BODY_LIMIT_BYTES) == MIB
    assert (
        "1MiB passes, 2MiB is refused: 413 text/html, in nginx's words"
        in route.fields[PolicyField.BODY_LIMIT_BYTES].where
    )


def test_what_the_app_itself_refuses_is_not_the_proxy_s_limit() -> None:
    same = Look(ladder=Ladder(passed_bytes=100 * MIB, refused_bytes=128 * MIB, refusal=answer(413)))
    assert holds(effective(UPLOAD, same, same), PolicyField.BODY_LIMIT_BYTES) is None


def test_pieces_that_arrive_together_were_collected_and_that_is_told_by_the_app_s_clock() -> None:
    apart, together = Look(pieces=Echo(fields={}, spread_s=0.31)), Look(pieces=Echo(fields={}, spread_s=0.001))
    assert saw(effective(UPLOAD, together, apart), Observation.REQUEST_PIECES) == "held"
    assert saw(effective(UPLOAD, apart, apart), Observation.REQUEST_PIECES) == "at once"
    assert saw(effective(UPLOAD, together, together), Observation.REQUEST_PIECES) is None, "directly held as well"


def test_an_upload_that_arrives_otherwise_than_it_was_sent_is_changed_and_one_without_answer_is_cut() -> None:
    def up(answered: int | None, *, intact: bool) -> Look:
        one = answer(answered) if answered else answer(None, end=End.CUT)
        return Look(uploads=(Rung(size_bytes=65536, answer=one, intact=intact),))

    whole = up(200, intact=True)
    assert saw(effective(UPLOAD, whole, whole), Observation.UPLOAD) == "whole"
    assert saw(effective(UPLOAD, up(200, intact=False), whole), Observation.UPLOAD) == "changed"
    assert saw(effective(UPLOAD, up(None, intact=False), whole), Observation.UPLOAD) == "cut"


def redirected(location: str) -> Look:
    """A redirect in place, that was sent as a path."""
    return Look(real=answer(), redirect=answer(302, "", b"", fields={"Location": location}))


SENT = redirected("/api?antechamber-redirected")


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("/api?antechamber-redirected", "public"),
        (f"https://{HOST}/api?antechamber-redirected", "public"),
        (f"http://{HOST}/api?antechamber-redirected", "http"),
        ("http://127.0.0.1:3000/api?antechamber-redirected", "inner"),
        ("//127.0.0.1:3000/api", "inner"),
    ],
)
def test_a_redirect_that_was_a_path_shows_who_makes_an_address_of_it(location: str, leads: str) -> None:
    assert saw(effective(API, redirected(location), SENT), Observation.REDIRECTS) == leads


def test_no_redirect_in_place_and_one_that_is_changed_directly_as_well_say_nothing() -> None:
    astray = redirected("http://127.0.0.1:3000/")
    assert saw(effective(API, astray, astray), Observation.REDIRECTS) is None
    assert saw(effective(API, Look(real=answer(), redirect=answer(502)), SENT), Observation.REDIRECTS) is None

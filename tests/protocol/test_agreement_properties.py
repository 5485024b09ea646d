"""Whatever is sent, all readers that count understand the same message, or it is refused (RFC 9112 6.3, 11.2).

h11 and llhttp (under Node, where the apps run) are the oracles. Messages are those of the hostile corpora, spoiled at
random; hypothesis shrinks what fails. The same properties run for longer in :mod:`tests.hostile.fuzz`.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.protocol.failure import RequestFault
from antechamber.protocol.forwarded import Peer, Trust
from antechamber.protocol.http1 import END
from antechamber.protocol.translate import RequestPlan, RequestTranslator
from tests.protocol import material
from tests.protocol.agreement import (
    check_beginnings,
    check_chunked,
    check_cuts,
    check_request,
    check_response,
    check_until_close,
)
from tests.protocol.readings import RULES, our_request, our_response

randoms = st.randoms(use_true_random=False)
many = settings(max_examples=400, deadline=None)


@given(seed=st.sampled_from(material.requests()), random=randoms)
@many
def test_a_request_that_is_accepted_is_read_alike_by_h11_and_llhttp(seed: bytes, random: Random) -> None:
    check_request(material.spoiled(seed, material.requests(), random))


@given(seed=st.sampled_from(material.responses()), random=randoms, method=st.sampled_from((b"GET", b"HEAD")))
@many
def test_a_response_that_is_accepted_is_read_alike_by_h11_and_llhttp(
    seed: bytes, random: Random, method: bytes
) -> None:
    check_response(material.spoiled(seed, material.responses(), random), method=method)


@given(seed=st.sampled_from(material.chunked_bodies()), random=randoms)
@many
def test_a_chunked_body_that_is_accepted_is_read_alike_by_h11_and_llhttp(seed: bytes, random: Random) -> None:
    check_chunked(material.spoiled(seed, material.chunked_bodies(), random))


@given(seed=st.sampled_from(material.chunked_bodies()), random=randoms, reframe=st.booleans())
@many
def test_a_chunked_body_means_the_same_however_it_is_cut(seed: bytes, random: Random, reframe: bool) -> None:
    body = material.spoiled(seed, material.chunked_bodies(), random)
    check_cuts(body, material.cuts(body, random), reframe=reframe)
    check_cuts(body, [body[at : at + 1] for at in range(len(body))], reframe=reframe)


@given(seed=st.sampled_from(material.requests()), random=randoms)
@settings(max_examples=150, deadline=None)
def test_a_head_that_may_still_become_valid_is_never_given_up(seed: bytes, random: Random) -> None:
    check_beginnings(material.spoiled(seed, material.requests(), random))


@given(pieces=st.lists(st.binary(min_size=1, max_size=64)))
def test_a_body_up_to_the_close_keeps_its_content_in_chunks(pieces: list[bytes]) -> None:
    check_until_close(pieces)


@given(octets=st.binary(max_size=200))
@many
def test_noise_is_read_by_nobody_as_anything_else(octets: bytes) -> None:
    check_request(octets + b"\r\n\r\n")
    check_response(b"HTTP/1.1 200 OK\r\n" + octets + b"\r\n\r\n")


def translated(translator: RequestTranslator, block: bytes) -> tuple[bytes, bytes, RequestPlan] | int:
    try:
        return translator.translate(block)
    except RequestFault as fault:
        return fault.status


@given(seeds=st.lists(st.sampled_from(material.requests()), min_size=2, max_size=4), random=randoms)
@many
def test_what_is_remembered_of_one_request_never_shows_in_the_next(seeds: list[bytes], random: Random) -> None:
    """A translator that has read other heads before reads a head as a new one does."""
    worn = RequestTranslator(Peer("192.0.2.7", secure=False, trust=Trust()), RULES)
    for seed in [each for each in seeds for _ in range(2)]:
        octets = material.spoiled(seed, material.requests(), random)
        block = octets[: octets.find(END) + 4]
        new = RequestTranslator(Peer("192.0.2.7", secure=False, trust=Trust()), RULES)
        assert translated(worn, block) == translated(new, block)


@pytest.mark.parametrize("octets", material.PLAIN_REQUESTS)
def test_the_plain_requests_are_all_accepted(octets: bytes) -> None:
    """So that the properties above are not true of nothing."""
    ours = our_request(octets)
    assert ours is not None
    assert ours.reading.accepted
    assert check_request(octets)


@pytest.mark.parametrize("octets", material.PLAIN_RESPONSES)
def test_the_plain_responses_are_all_accepted(octets: bytes) -> None:
    ours = our_response(octets)
    assert ours is not None
    assert ours.reading.accepted
    assert check_response(octets)


def test_about_half_of_the_corpus_is_accepted() -> None:
    accepted = [check_request(octets) for octets in material.requests()]
    assert 0.2 < sum(accepted) / len(accepted) < 0.8

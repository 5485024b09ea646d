"""The grammar of the ``Antechamber-Probe`` field: strict, bounded, and written as it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.surface.request import (
    MAX_SECONDS,
    MAX_STREAM_BYTES,
    Do,
    Form,
    ProbeRequest,
    ProbeRequestError,
    format_field,
    is_token,
    parse,
    token_of,
)

TOKEN = "a-token-of-tests"


def test_the_smallest_request_takes_every_default() -> None:
    assert parse(f"{TOKEN}; do=stream") == ProbeRequest(do=Do.STREAM)


def test_every_parameter_is_read() -> None:
    asked = parse(
        f"{TOKEN};do=stream;id=a.1;wait=1;count=5;pace=0.5;quiet=2;silence=65.25;size=10;as=bytes;accel=absent;length=known"
        ";comments=sent"
    )
    assert asked == ProbeRequest(
        do=Do.STREAM,
        id="a.1",
        wait_s=1,
        count=5,
        pace_s=0.5,
        quiet_s=2,
        silence_s=65.25,
        size_bytes=10,
        form=Form.BYTES,
        accel_buffering_no=False,
        known_length=True,
        comments=True,
    )
    assert asked.planned_s == 1 + 2 + 65.25 + 4 * 0.5


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ("", "the first parameter must be do="),
        ("id=1; do=echo", "the first parameter must be do="),
        ("do=dance", "do must be one of echo, stream, sink"),
        ("do=echo; do=echo", "do stands twice"),
        ("do=echo; color=red", "unknown parameter 'color'; known are do, id"),
        ("do=echo; pace=1", "pace means nothing with do=echo"),
        ("do=sink; marker=x", "marker means nothing with do=sink"),
        ("do=stream; rate=5", "rate means nothing with do=stream"),
        ("do=stream; pace", "not a key=value parameter: 'pace'"),
        ("do=stream; pace=", "not a key=value parameter"),
        ("do=stream;", "not a key=value parameter: ''"),
        ("do=stream; pace=1 2", "not a key=value parameter"),
        ("do=stream; pace=-1", "pace must be seconds from 0 to 7200"),
        ("do=stream; pace=1e3", "pace must be seconds"),
        ("do=stream; pace=nan", "pace must be seconds"),
        ("do=stream; pace=7200.1", "pace must be seconds"),
        ("do=stream; pace=0.1234567", "pace must be seconds"),
        ("do=stream; count=0", "count must be a whole number from 1 to 100000"),
        ("do=stream; count=1.5", "count must be a whole number"),
        ("do=stream; count=999999", "count must be a whole number"),
        ("do=stream; size=1048577", "size must be a whole number from 0 to 1048576"),
        ("do=stream; accel=yes", "accel must be one of no, absent"),
        ("do=stream; length=5", "length must be one of absent, known"),
        ("do=stream; as=json", "as must be one of events, bytes"),
        ("do=departure", "departure needs the id"),
        ("do=departure; id=x; within=61", "within must be seconds from 0 to 60"),
        ("do=stream; within=1", "within means nothing with do=stream"),
        ("do=echo; comments=sent", "comments means nothing with do=echo"),
        ("do=stream; comments=yes", "comments must be one of absent, sent"),
        ("do=sink; rate=0", "rate must be a whole number from 1"),
        ("do=echo; id=a/b", "id must be 1 to 64"),
        ("do=stream; count=100000; pace=1", "the answer would take"),
        ("do=stream; count=1000; size=1000000; pace=0", f"at most {MAX_STREAM_BYTES} octets"),
        ("do=echo; marker=" + "x" * 257, "not a key=value parameter"),
        ("do=echo; " + "x" * 2000, "longer than 1024"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused_with_its_reason(parameters: str, complaint: str) -> None:
    with pytest.raises(ProbeRequestError) as refused:
        parse(f"{TOKEN}; {parameters}" if parameters else TOKEN)
    assert complaint in str(refused.value)


@pytest.mark.parametrize("token", ["", "short", "has space in it", "x" * 129, "ümlaut-token", "semi;colon-token"])
def test_what_cannot_be_a_token_is_not_one(token: str) -> None:
    assert not is_token(token)
    with pytest.raises(ValueError, match="probe token"):
        format_field(ProbeRequest(do=Do.ECHO), token)


def test_the_token_is_what_stands_before_the_first_semicolon() -> None:
    assert token_of(f" {TOKEN} ; do=echo") == TOKEN
    assert token_of(";do=echo") == ""


def test_a_request_out_of_bounds_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="pace must be seconds"):
        format_field(ProbeRequest(do=Do.STREAM, pace_s=MAX_SECONDS + 1), TOKEN)
    with pytest.raises(ValueError, match="means nothing"):
        format_field(ProbeRequest(do=Do.ECHO, count=9), TOKEN)


_SECONDS = st.integers(0, 1000 * 1000).map(lambda micros: micros / 1000)
_STREAMS = st.builds(
    ProbeRequest,
    do=st.just(Do.STREAM),
    id=st.from_regex(r"[A-Za-z0-9._~-]{0,64}", fullmatch=True),
    wait_s=_SECONDS,
    count=st.integers(1, 200),
    pace_s=st.integers(0, 1000).map(lambda millis: millis / 1000),
    quiet_s=_SECONDS,
    silence_s=_SECONDS,
    size_bytes=st.integers(0, 1024 * 1024),
    form=st.sampled_from(Form),
    accel_buffering_no=st.booleans(),
    known_length=st.booleans(),
    comments=st.booleans(),
)
_DEPARTURES = st.builds(
    ProbeRequest,
    do=st.just(Do.DEPARTURE),
    id=st.from_regex(r"[A-Za-z0-9._~-]{1,64}", fullmatch=True),
    within_s=st.integers(0, 60 * 1000).map(lambda millis: millis / 1000),
)


@given(_STREAMS | _DEPARTURES)
def test_what_is_written_is_read_back_the_same(asked: ProbeRequest) -> None:
    assert parse(format_field(asked, TOKEN)) == asked


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    refusal = ""
    try:
        parse(f"{TOKEN};{text}")
    except ProbeRequestError as refused:
        refusal = str(refused)
    assert refusal.isprintable()

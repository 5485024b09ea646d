"""What is no recording, or one that nobody's browser made: one line with its place, or a profile that loads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antechamber.errors import ConfigError
from antechamber.learn.har import requests_of
from antechamber.policy.load import load
from tests.learn.recordings import APP, har, learned, page, socket


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "app.har:1:1: not JSON, so no HAR file (expecting value)"),
        (b'{"log":\n nope}', "app.har:2:2: not JSON, so no HAR file (expecting value)"),
        (b"\xff\xfe{}", "app.har:1: not UTF-8 text, so no HAR file"),
        (b"[" * 200_000, "app.har: its JSON is not what a browser writes"),
        (b"9" * 5000, "app.har: its JSON is not what a browser writes"),
        (b"[]", "app.har: there is no list log.entries, so this is no HAR file"),
        (b'{"log": {"entries": {}}}', "app.har: there is no list log.entries, so this is no HAR file"),
        (har([]), "app.har: no request is in it"),
        (har([page(origin="data:text/plain,")]), "app.har: no request is in it"),
        (har([page(), {}]), "app.har: log.entries[1]: it has no request.url"),
        (har([page(), 7]), "app.har: log.entries[1]: it has no request.url"),
        (har([page(origin="https://[::1")]), "app.har: log.entries[0].request.url: this is not the URL of a request"),
        (
            har([page(origin="https://a:99999")]),
            "app.har: log.entries[0].request.url: this is not the URL of a request",
        ),
        (har([page(origin="https://")]), "app.har: log.entries[0].request.url: this is not the URL of a request"),
    ],
    ids=lambda one: one[:40] if isinstance(one, str) else "",
)
def test_what_is_no_recording_is_refused_with_its_place(content: bytes, line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        requests_of(content, name="app.har")
    assert str(refused.value).startswith(line)


def test_a_wrong_url_is_not_quoted_for_it_may_hold_a_password() -> None:
    with pytest.raises(ConfigError) as refused:
        requests_of(har([page(origin="https://ada:hunter2@[")]), name="app.har")
    assert "hunter2" not in str(refused.value)


def test_a_password_in_a_url_does_not_reach_the_profile() -> None:
    assert "hunter2" not in learned(har([page(origin="https://ada:hunter2@rooms.example.com")]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
CHARACTERS = st.text(alphabet=st.characters(), max_size=24)
URLS = st.one_of(
    CHARACTERS.map(lambda path: f"{APP}/{path}"),
    CHARACTERS.map(lambda path: f"wss://rooms.example.com/a/{path}/"),
    CHARACTERS.map(lambda rest: f"https://{rest}"),
)
MESSAGES = st.lists(st.fixed_dictionaries({"type": st.just("receive") | JSON, "time": st.floats() | JSON}), max_size=5)


def either(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(usual, usual, JSON)


ENTRIES = st.fixed_dictionaries(
    {
        "request": st.fixed_dictionaries(
            {
                "url": URLS,
                "method": either(st.sampled_from(["GET", "POST", "get", "OPTIONS"])),
                "headers": either(st.lists(st.fixed_dictionaries({"name": JSON, "value": JSON}), max_size=2)),
                "bodySize": either(st.integers()),
                "postData": JSON,
            }
        ),
        "response": either(
            st.fixed_dictionaries(
                {
                    "status": either(st.sampled_from([0, 101, 200, 404])),
                    "content": st.fixed_dictionaries(
                        {"mimeType": either(st.sampled_from(["text/html", "application/json", "text/event-stream"]))}
                    ),
                }
            )
        ),
        "timings": either(st.fixed_dictionaries({"wait": either(st.floats())})),
        "_resourceType": either(st.sampled_from(["document", "fetch", "websocket", "eventsource"])),
        "_webSocketMessages": either(MESSAGES),
    }
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(ENTRIES, max_size=5))
def test_whatever_stands_in_a_recording_makes_a_profile_that_loads_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, entries: list[object]
) -> None:
    text, refusal = "", ""
    try:
        text = learned(har([page(), *entries]), origin=APP)
    except ConfigError as refused:
        refusal = str(refused)
    assert bool(text) is not bool(refusal)
    assert "\n" not in refusal
    if refusal:
        return
    assert text.isascii()
    folder = tmp_path_factory.getbasetemp()
    (folder / "hostile.toml").write_text(text)
    load({"profile": "./hostile.toml", "to": ":3000"}, environment={}, directory=folder)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_json_that_is_no_recording_is_one_line(tree: object) -> None:
    with pytest.raises(ConfigError) as refused:
        requests_of(json.dumps(tree).encode(), name="app.har")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_too_large_is_refused_before_it_is_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antechamber.learn.har.LARGEST_FILE", 1024 * 1024)
    with pytest.raises(ConfigError, match="more than 1 MiB came in"):
        requests_of(b" " * (1024 * 1024 + 1), name="standard input")


def test_a_line_break_in_a_url_breaks_no_line() -> None:
    text = learned(har([page(), socket("/ws\nkind = 1")]))
    assert 'path = "/:id"\nkind = "websocket"\n' in text

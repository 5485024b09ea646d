"""What is a name of the app's and what is an id."""

from __future__ import annotations

import pytest

from antechamber.learn.patterns import common_prefix, is_name, path_of, segments_of, siblings_folded


@pytest.mark.parametrize(
    "segment",
    [
        "events",
        "ws",
        "v1",
        "v1beta2",
        "socket.io",
        ".well-known",
        "url-token",
        "prompt_async",
        "getConversationHistory",
        "reset-password-2024",
        "realtime-proxy",
        "oauth2",
        "api_v2",
        "XMLRPC",
        "facade",
    ],
)
def test_words_of_an_app_stay(segment: str) -> None:
    assert is_name(segment)


@pytest.mark.parametrize(
    "segment",
    [
        "42",
        "123e4567-e89b-12d3-a456-426614174000",
        "7f3c9e02",
        "ses_1",
        "ses_6f1e0cKqZZ",
        "msg_01HZX3VJ9",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.s1gn",
        "Xk29fLqPz81mVt04",
        "qzkxwvbnmqwrtypsdf",
        "AbCdEfGhIjKlMnOpQrSt",
        "x9f3k2",
        "ada@example.com",
        "a%20b",
        "a;jsessionid=1",
        "ü",
        ":name",
        "*",
        "a" * 49,
    ],
)
def test_names_of_things_and_what_may_be_a_token_do_not(segment: str) -> None:
    assert not is_name(segment)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("//a/./b/..", "/a/b"),
        ("/a/1/b/2/c", "/a/:id/b/:id2/c"),
        ("/a/", "/a/*"),
        ("/a" * 40, "/a" * 12 + "/*"),
    ],
)
def test_a_path_becomes_a_routes_path(path: str, pattern: str) -> None:
    assert path_of(segments_of(path)) == pattern


def folded(*paths: str) -> set[str]:
    return {path_of(one) for one in siblings_folded([segments_of(path) for path in paths]).values()}


def test_siblings_are_one_route_if_they_are_numbered_or_many() -> None:
    assert folded("/room/a1/ws", "/room/b1/ws", "/room/c1/ws") == {"/room/:id/ws"}
    rooms = [f"/room/{name}/ws" for name in ("attic", "hall", "kitchen", "lobby", "porch")]
    assert folded(*rooms) == {"/room/:id/ws"}
    assert folded("/x/event/ws", "/x/terminal/ws", "/x/dictation/ws") == {
        "/x/event/ws",
        "/x/terminal/ws",
        "/x/dictation/ws",
    }


def test_a_first_segment_is_never_folded() -> None:
    paths = {f"/{letter}1" for letter in "abcdefg"}
    assert folded(*paths) == paths


def test_a_common_prefix_ends_before_an_id() -> None:
    assert common_prefix([("a", "b", ":id"), ("a", "b", ":id", "c")]) == ("a", "b")
    assert common_prefix([("a",), ("b",)]) == ()

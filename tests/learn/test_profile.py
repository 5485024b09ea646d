"""What is learned from a recording: routes, their kinds and limits, and no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from antechamber.errors import ConfigError
from antechamber.policy.load import load
from antechamber.policy.model import Kind, Policy, Route
from tests.learn.recordings import APP, SECRETS, call, chromium, entry, firefox, har, learned, page, socket


def policy_of(content: bytes, folder: Path, *, origin: str = "") -> Policy:
    """The policy that the learned profile makes, read as ``--profile FILE`` reads it."""
    (folder / "learned.toml").write_text(learned(content, origin=origin))
    flags = {"profile": "./learned.toml", "to": ":3000"}
    return load(flags, environment={}, directory=folder).policy


def routes_of(content: bytes, folder: Path) -> dict[str, Route]:
    return {route.path: route for route in policy_of(content, folder).routes}


def test_a_recording_of_chromium_makes_a_profile_that_loads(tmp_path: Path) -> None:
    routes = routes_of(chromium(), tmp_path)
    assert {path: route.kind for path, route in routes.items()} == {
        "/room/:id/ws": Kind.WEBSOCKET,
        "/live/events": Kind.SSE,
        "/rest/files": Kind.UPLOAD,
        "/rest/users/:id/avatar": Kind.UPLOAD,
        "/health": Kind.API,
        "/rest/*": Kind.API,
        "/*": Kind.PAGE,
    }
    assert routes["/room/:id/ws"].heartbeat_s == 20.0
    assert routes["/live/events"].heartbeat_s is None
    assert routes["/rest/files"].body_limit_bytes == 160 * 1024 * 1024
    assert routes["/rest/users/:id/avatar"].body_limit_bytes is None
    assert routes["/rest/*"].response_timeout_s == 120.0
    assert policy_of(chromium(), tmp_path).secret_query_keys >= {"roomTicket", "access_token"}


def test_a_recording_of_firefox_which_has_fewer_fields_makes_the_same_live_routes(tmp_path: Path) -> None:
    routes = routes_of(firefox(), tmp_path)
    assert {path: route.kind for path, route in routes.items()} == {
        "/room/:id/ws": Kind.WEBSOCKET,
        "/live/events": Kind.SSE,
        "/rest/files": Kind.UPLOAD,
        "/rest/*": Kind.API,
        "/*": Kind.PAGE,
    }


def test_no_cookie_token_body_message_or_query_value_reaches_the_profile() -> None:
    content, text = chromium().decode(), learned(chromium())
    for secret in SECRETS:
        assert secret in content
        assert secret not in text


def test_each_route_says_what_speaks_for_it() -> None:
    text = learned(chromium())
    evidence = re.findall(r'\[\[route\]\]\n# (.*)\n(?:# .*\n)*name = .*\npath = "(.*)"', text)
    assert {path: said for said, path in evidence} == {
        "/room/:id/ws": "2 requests, 101, 10 messages",
        "/live/events": "1 request, 200",
        "/rest/files": "1 request, 200, largest body 80MiB",
        "/rest/users/:id/avatar": "1 request, 200, largest body 70000 bytes",
        "/health": "1 request, 200",
        "/rest/*": "4 requests, 4 paths, 200",
        "/*": "2 requests, 2 paths, 200",
    }
    assert "# 12 requests of https://rooms.example.com.\n" in text
    assert "# Left out: 1 request to 1 other origin.\n" in text


def test_what_a_recording_cannot_tell_is_said() -> None:
    text = learned(firefox())
    assert text.count("# No heartbeat can be told: the recording has no times of messages that came in.") == 2
    assert "Not in a recording: pings of WebSockets" in text
    assert "Not in a recording: how large a body" in learned(chromium())


@pytest.mark.parametrize(
    ("times", "heartbeat_s"),
    [
        ([0, 10, 20, 30], 15.0),
        ([0, 15, 30], 25.0),
        ([5, 6, 7, 36.5], 45.0),
        ([0, 20], None),
        ([0, 0.1, 0.2, 0.3], None),
        ([0, 1, 90_000], None),
    ],
)
def test_a_heartbeat_is_told_from_three_messages_over_a_while(
    times: list[float], heartbeat_s: float | None, tmp_path: Path
) -> None:
    recording = har([page(), socket("/ws", at=[1_790_000_000.0 + time for time in times])])
    assert routes_of(recording, tmp_path)["/ws"].heartbeat_s == heartbeat_s


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000])
def test_times_of_messages_are_understood_in_seconds_milliseconds_and_microseconds(scale: int, tmp_path: Path) -> None:
    recording = har([page(), socket("/ws", at=[(1_790_000_000 + time) * scale for time in (0, 10, 20)])])
    assert routes_of(recording, tmp_path)["/ws"].heartbeat_s == 15.0


def test_the_silence_of_an_event_stream_is_told_where_the_browser_recorded_its_messages(tmp_path: Path) -> None:
    messages = [{"time": 1_790_000_000.0 + time, "eventName": "tick", "data": "x"} for time in (0, 25, 50)]
    stream = entry("/feed", answer="text/event-stream", _resourceType="fetch", _eventSourceMessages=messages)
    assert routes_of(har([page(), stream]), tmp_path)["/feed"].heartbeat_s == 40.0


def test_a_size_that_no_body_can_have_is_not_believed(tmp_path: Path) -> None:
    upload = call("/in", method="POST", body_bytes=2**50, body_type="multipart/form-data")
    assert routes_of(har([page(), upload]), tmp_path)["/in"].body_limit_bytes is None


def test_a_socket_that_never_opened_is_a_route_with_a_warning() -> None:
    text = learned(har([page(), socket("/ws", status=200)]))
    assert 'kind = "websocket"' in text
    assert "Never answered with 101" in text


def test_an_event_stream_that_got_a_page_is_a_route_with_a_warning() -> None:
    text = learned(har([page(), entry("/feed", answer="text/html", _resourceType="eventsource")]))
    assert 'kind = "sse"' in text
    assert "Never answered as text/event-stream" in text


def test_a_path_of_several_kinds_has_the_one_that_needs_most(tmp_path: Path) -> None:
    polled = [entry("/socket.io/?EIO=4&transport=polling", answer="text/plain", _resourceType="xhr")]
    routes = routes_of(har([page(), *polled, socket("/socket.io/?EIO=4&transport=websocket")]), tmp_path)
    assert {path: route.kind for path, route in routes.items()} == {"/socket.io/*": Kind.WEBSOCKET, "/*": Kind.PAGE}


def test_calls_beside_pages_keep_routes_of_their_own(tmp_path: Path) -> None:
    entries = [page("/shop/cart"), call("/shop/items"), call("/shop/prices")]
    assert set(routes_of(har(entries), tmp_path)) == {"/shop/items", "/shop/prices", "/*"}


def test_a_prefix_that_a_live_route_has_already_is_not_written_twice(tmp_path: Path) -> None:
    entries = [page(), socket("/rpc/"), call("/rpc/a"), call("/rpc/b")]
    assert set(routes_of(har(entries), tmp_path)) == {"/rpc/*", "/rpc/a", "/rpc/b", "/*"}


def test_a_live_route_at_the_root_and_pages_stand_side_by_side(tmp_path: Path) -> None:
    routes = routes_of(har([page(), socket("/?v=1")]), tmp_path)
    assert {path: route.kind for path, route in routes.items()} == {"/": Kind.WEBSOCKET, "/*": Kind.PAGE}


def test_a_recording_of_thousands_of_routes_makes_a_profile_that_loads(tmp_path: Path) -> None:
    words = ["alpha", "beta", "gamma", "delta", "sigma", "omega", "kappa"]
    deep = "/".join(["a-rather-long-name-of-a-segment-in-a-path"] * 10)
    sockets = [socket(f"/{a}-{b}-{c}-{d}/{deep}") for a in words for b in words for c in words for d in words]
    text = learned(har([page(), *sockets]))
    assert "# More than 100 routes: those that are not listed count as pages." in text
    (tmp_path / "learned.toml").write_text(text)
    load({"profile": "./learned.toml", "to": ":3000"}, environment={}, directory=tmp_path)


LOGIN = "https://login.example.org"


def test_pages_of_two_origins_need_a_choice() -> None:
    recording = har([page("/", origin=LOGIN), page(), call("/rest/a")])
    with pytest.raises(
        ConfigError, match=r"app\.har: it has pages of several origins\. Choose with --origin: https://lo"
    ):
        learned(recording)
    assert f"# 2 requests of {APP}.\n" in learned(recording, origin=APP)
    with pytest.raises(ConfigError, match="--origin: nothing in it went to"):
        learned(recording, origin="https://elsewhere.example")


def test_a_live_route_of_another_origin_is_named_where_it_is_left_out() -> None:
    elsewhere = entry("/ws", origin="wss://push.example.net:444", status=101)
    text = learned(har([page(), elsewhere]))
    assert "to 1 other origin, sockets or event streams among them: https://push.example.net:444.\n" in text
    assert 'kind = "websocket"' not in text


def test_a_redirect_and_a_frame_of_another_origin_are_no_pages_of_the_app() -> None:
    there = page("/", origin=LOGIN, status=302)
    font = entry("/a.woff2", origin=LOGIN, answer="font/woff2")
    frame = page("/embed", origin="https://video.example.net", pageref="page_1")
    assert f"# 1 request of {APP}.\n" in learned(har([there, font, page(pageref="page_1"), frame]))


def test_the_next_page_of_another_origin_is_a_page_again() -> None:
    with pytest.raises(ConfigError, match="pages of several origins"):
        learned(har([page("/", origin=LOGIN, pageref="page_1"), page(pageref="page_2")]))

"""Profiles are data that hold: every route of OpenChamber's guide is there, and limits are where they must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from antechamber.errors import ConfigError
from antechamber.policy.load import load
from antechamber.policy.match import Matcher
from antechamber.policy.model import Kind, Policy, Route
from antechamber.policy.profile import BUILT_IN, read_profile

GUIDE = {
    Kind.WEBSOCKET: {"/api/event/ws", "/api/global/event/ws", "/api/terminal/ws"},
    Kind.SSE: {
        "/api/event",
        "/api/global/event",
        "/api/notifications/stream",
        "/api/openchamber/events",
        "/api/terminal/:sessionId/stream",
    },
}


def policy_of(directory: Path, site: str = "", **flags: object) -> Policy:
    (directory / "antechamber.toml").write_text('to = ":3000"\n' + site)
    return load(flags, environment={}, directory=directory).policy


def route_of(policy: Policy, path: str) -> Route:
    return Matcher(policy.routes).match(path)


@pytest.mark.parametrize("kind", GUIDE)
def test_the_default_profile_has_every_live_route_of_the_guide_with_a_first_word_and_a_heartbeat(
    tmp_path: Path, kind: Kind
) -> None:
    routes = [route for route in policy_of(tmp_path).routes if route.kind is kind and route.seed]
    assert {route.path for route in routes} == GUIDE[kind]
    assert all(route.heartbeat_s and route.first for route in routes)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/dictation/ws", Kind.WEBSOCKET),
        ("/api/dev-tunnel", Kind.WEBSOCKET),
        ("/api/openchamber/realtime-proxy/ws", Kind.WEBSOCKET),
        ("/api/openchamber/realtime-proxy/sse", Kind.SSE),
        ("/api/fs/upload", Kind.UPLOAD),
        ("/api/fs/write", Kind.UPLOAD),
        ("/api/session/abc/prompt_async", Kind.UPLOAD),
        ("/api/fs/raw", Kind.API),
        ("/auth/session", Kind.API),
        ("/health", Kind.API),
        ("/api/anything", Kind.API),
        ("/", Kind.PAGE),
        ("/assets/index.js", Kind.PAGE),
    ],
)
def test_the_real_servers_other_routes_are_known_too(tmp_path: Path, path: str, kind: Kind) -> None:
    assert route_of(policy_of(tmp_path), path).kind is kind


def test_the_terminal_stream_ends_with_the_version_that_removed_it(tmp_path: Path) -> None:
    route = route_of(policy_of(tmp_path), "/api/terminal/x1/stream")
    assert (route.kind, route.since, route.until) == (Kind.SSE, "", "1.16.1")


def test_everything_under_api_may_take_as_long_as_the_guide_says(tmp_path: Path) -> None:
    """The app's own deadlines (240 s, 15 min) must come first, so that its own answer wins."""
    policy = policy_of(tmp_path)
    assert all(route.response_timeout_s == 3600 for route in policy.routes if route.path.startswith("/api"))
    assert route_of(policy, "/").response_timeout_s is None
    assert policy.timeouts.response_s == 60


def test_bodies_are_140_mib_for_openchamber_and_50_mib_elsewhere(tmp_path: Path) -> None:
    """100 MiB inlined as base64 is 134 MiB; 50M is the guide's figure."""
    limits = {name: policy_of(tmp_path, profile=name).limits.body_bytes for name in BUILT_IN}
    mib = 1024**2
    assert limits == {"openchamber": 140 * mib, "opencode": 50 * mib, "generic": 50 * mib}


def test_an_operators_general_body_limit_holds_on_every_route_of_the_default_profile(tmp_path: Path) -> None:
    for policy in (
        policy_of(tmp_path, '[limits]\nbody = "1GiB"\n'),
        policy_of(tmp_path, **{"body-limit": "1GiB"}),
    ):
        assert policy.limits.body_bytes == 1024**3
        assert all(route.body_limit_bytes is None for route in policy.routes)


def test_a_general_time_limit_does_not_shorten_what_a_route_says_itself(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, **{"response-timeout": "3"})
    assert policy.timeouts.response_s == 3
    assert route_of(policy, "/api/x").response_timeout_s == 3600


def test_a_route_of_the_site_changes_only_what_it_says(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, '[[route]]\npath = "/api/terminal/:anything/stream"\nresponse-timeout = "9s"\n')
    route = route_of(policy, "/api/terminal/x/stream")
    assert (route.kind, route.heartbeat_s, route.until) == (Kind.SSE, 15, "1.16.1")
    assert route.response_timeout_s == 9
    assert len(policy.routes) == len(policy_of(tmp_path).routes)


def test_a_route_of_the_site_is_added_and_passes_its_limits_down(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        '[[route]]\npath = "/api/fs/*"\nkind = "api"\nbody-limit = "2GiB"\nresponse-timeout = "5m"\n'
        '[[route]]\npath = "/api/fs/upload"\nresponse-timeout = "6m"\n',
    )
    assert route_of(policy, "/api/fs/other").body_limit_bytes == 2 * 1024**3
    upload = route_of(policy, "/api/fs/upload")
    assert (upload.body_limit_bytes, upload.response_timeout_s) == (2 * 1024**3, 360)
    assert route_of(policy, "/api/fs/raw").response_timeout_s == 300
    assert route_of(policy, "/api/fsx").body_limit_bytes is None


def test_opencode_has_its_event_streams_and_its_terminal_socket(tmp_path: Path) -> None:
    """As `opencode serve` 1.18.33 answers: its OpenAPI document, and the heartbeats seen on the wire."""
    policy = policy_of(tmp_path, profile="opencode")
    for path in ("/event", "/global/event"):
        route = route_of(policy, path)
        assert (route.kind, route.heartbeat_s) == (Kind.SSE, 10)
    assert route_of(policy, "/pty/pty_1/connect").kind is Kind.WEBSOCKET
    assert "ticket" in policy.secret_query_keys


def test_generic_knows_no_path(tmp_path: Path) -> None:
    assert [route.path for route in policy_of(tmp_path, profile="generic").routes] == ["/*"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_profile_is_named_as_its_file(name: str) -> None:
    profile = read_profile(name)
    assert profile.name == name
    assert len({route.name for route in profile.routes}) == len(profile.routes)


def test_a_profile_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\napp = "Mine"\n[limits]\nbody = "1k"\n')
    policy = policy_of(tmp_path, profile="./mine.toml")
    assert (policy.profile, policy.app, policy.limits.body_bytes, policy.routes) == ("mine", "Mine", 1024, ())


def test_what_looks_like_an_asset_is_among_the_routes_and_has_an_example_that_does(tmp_path: Path) -> None:
    """Some proxies have settings by extension: of them only a path with that extension tells."""
    policy = policy_of(tmp_path)
    assert route_of(policy, "/api/fs/serve/*").example.endswith(".png")
    assert [route.path for route in policy.routes if route.hashed] == ["/assets/*"]
    assert {"/sw.js", "/manifest.webmanifest"} <= {route.path for route in policy.routes}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_example_of_a_profile_is_one_of_its_route(name: str, tmp_path: Path) -> None:
    policy = policy_of(tmp_path, profile=name)
    examples = [route for route in policy.routes if route.example]
    assert [route_of(policy, route.example) for route in examples] == examples


@pytest.mark.parametrize(
    ("example", "problem"),
    [
        ("/elsewhere/a.png", '"/elsewhere/a.png" is no example of "/files/*"'),
        ("/files/*", '"/files/*" is no example of "/files/*"'),
        ("/files/:name", '"/files/:name" is no example of "/files/*"'),
        ("files/a.png", "does not start with a slash"),
        ("/files/a b", "is not a route's path"),
    ],
)
def test_an_example_that_is_none_is_refused_with_its_line(example: str, problem: str, tmp_path: Path) -> None:
    site = f'[[route]]\npath = "/files/*"\nkind = "api"\nexample = "{example}"\n'
    with pytest.raises(ConfigError) as refused:
        policy_of(tmp_path, site)
    assert problem in str(refused.value)
    assert "antechamber.toml:5" in str(refused.value)

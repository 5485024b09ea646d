"""Which route a path belongs to, against a plain and slow description of the same rule."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.policy.match import Matcher, resolved
from antechamber.policy.model import Kind, Route

SEGMENTS = st.sampled_from(["a", "b", "api", ":id", ":x"])
PATHS = st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
ROUTES = st.lists(PATHS | PATHS.map(lambda path: path + "/*") | st.just("/*"), max_size=8)
REQUESTS = st.lists(st.sampled_from(["a", "b", "api", "", "c", ".."]), min_size=1, max_size=6).map(
    lambda parts: "/" + "/".join(parts)
)


def route(path: str) -> Route:
    return Route(name=path, path=path, kind=Kind.API)


def unique_shapes(paths: list[str]) -> list[str]:
    shapes = {"/".join(":" if part.startswith(":") else part for part in path.split("/")): path for path in paths}
    return list(shapes.values())


def slow_match(paths: list[str], request: str) -> str | None:
    """Exact, then named segments (literal first, from the left), then the longest prefix (the same among equals)."""

    def fits(pattern: str, pieces: list[str]) -> bool:
        return all(
            want == got or (want.startswith(":") and got != "")
            for want, got in zip(pattern.split("/"), pieces, strict=True)
        )

    def loose(pattern: str) -> list[bool]:
        return [part.startswith(":") for part in pattern.split("/")]

    pieces = request.split("/")
    if request in paths and not request.endswith("/*") and ":" not in request:
        return request
    whole = [path for path in paths if not path.endswith("/*") and path.count("/") == request.count("/")]
    for path in sorted(whole, key=loose):
        if fits(path, pieces):
            return path
    prefixes = [path for path in paths if path.endswith("/*")]
    for path in sorted(prefixes, key=lambda path: (-path.count("/"), loose(path))):
        prefix = path.removesuffix("/*")
        depth = prefix.count("/") + 1
        if len(pieces) >= depth and fits(prefix, pieces[:depth]):
            return path
    return None


@given(ROUTES, st.lists(REQUESTS, max_size=5))
def test_matching_is_exact_then_named_segments_then_longest_prefix(paths: list[str], requests: list[str]) -> None:
    paths = unique_shapes(paths)
    matcher = Matcher([route(path) for path in paths])
    for request in requests * 2:  # the second time from memory
        expected = slow_match(paths, request)
        found = matcher.match(request)
        assert found.path == (expected or "/*")
        assert found.kind is (Kind.API if expected else Kind.PAGE)


@given(st.lists(PATHS.map(lambda path: path.replace(":", "")), min_size=1, max_size=6, unique=True), st.randoms())
def test_percent_encoding_a_letter_does_not_change_the_route(paths: list[str], random: object) -> None:
    """RFC 3986, section 6.2.2.2: or a route's limits could be evaded by spelling."""
    matcher = Matcher([route(path) for path in paths])
    for path in paths:
        encoded = "".join(character if character == "/" else f"%{ord(character):02x}" for character in path)
        assert matcher.match(encoded) is matcher.match(path)
        assert matcher.match(encoded.upper()).path == path


@pytest.mark.parametrize("request_path", ["/api/x%2Fstream", "/api/%2e%2e/x", "*", "", "x", "//", "/%", "/%4", "/%zz"])
def test_odd_paths_have_a_route_too(request_path: str) -> None:
    assert Matcher([route("/api/*"), route("/*")]).match(request_path).path in ("/api/*", "/*")


def test_an_encoded_slash_is_not_a_slash() -> None:
    matcher = Matcher([route("/a/:id/stream"), route("/*")])
    assert matcher.match("/a/x/stream").path == "/a/:id/stream"
    assert matcher.match("/a/x%2Fstream").path == "/*"


@pytest.mark.parametrize(
    ("path", "as_an_app_may_read_it"),
    [
        ("/api/session/upload", "/api/session/upload"),
        ("/", "/"),
        ("*", "*"),
        ("/folder/", "/folder/"),
        ("/.well-known/x", "/.well-known/x"),
        ("/upload/../login", "/login"),
        ("/upload/%2e%2E/login", "/login"),
        ("/upload/..", "/"),
        ("/upload/.", "/upload/"),
        ("/../../login", "/login"),
        ("//login", "/login"),
        ("/upload//x///y", "/upload/x/y"),
        ("/upload\\..\\login", "/login"),
        ("/upload/..%2flogin", "/login"),
        ("/upload/..%5Clogin", "/login"),
        ("/upload/..;a=b/login;c", "/login"),
        ("/upload%2fx", "/upload/x"),
        ("/%6cogin;x", "/login"),
        ("/a/./b/", "/a/b/"),
    ],
)
def test_a_path_is_resolved_as_an_app_may_resolve_it(path: str, as_an_app_may_read_it: str) -> None:
    """RFC 3986 5.2.4 and what Tomcat, IIS and merging proxies add to it."""
    assert resolved(path) == as_an_app_may_read_it


def test_a_policy_without_routes_has_a_page_for_everything() -> None:
    assert Matcher([]).match("/anything").kind is Kind.PAGE


def test_what_it_remembers_is_bounded() -> None:
    matcher = Matcher([route("/api/*")])
    for number in range(5000):
        matcher.match(f"/api/{number}")
        matcher.match(f"/{'long' * 200}/{number}")
    assert len(matcher._memo) <= 1024
    assert max(map(len, matcher._memo)) <= 256


def test_the_work_grows_with_the_length_of_the_path_and_no_faster() -> None:
    """A path of slashes only is the worst case of splitting and of walking up."""
    matcher = Matcher([route("/api/*"), route("/a/:b/:c/:d/e"), route("/*")])

    def seconds(length: int) -> float:
        paths = ["/" * length + str(number) for number in range(50)]
        start = time.perf_counter()
        for path in paths:
            matcher.match(path)
        return time.perf_counter() - start

    seconds(1000)
    ratio = min(seconds(400_000) for _ in range(3)) / max(min(seconds(20_000) for _ in range(3)), 1e-6)
    assert ratio < 20 * 8

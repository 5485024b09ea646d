"""Policies that nobody would think of, for properties."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from antechamber.policy.model import Address, Kind, Origin, Policy, Route, Timeouts
from antechamber.policy.networks import CLOUDFLARE, PRIVATE
from tests.engines.deployed import policy_of

BASE = policy_of({"profile": "generic"})

seconds = st.integers(10, 20_000_000).map(lambda milliseconds: milliseconds / 1000)
sizes = st.integers(1, 1024**4)
segments = st.sampled_from(["a", "b", "api", "x.y", "a;b", "$v", "it's", "(c)", "~", ":id", ":other"])


@st.composite
def paths(draw: st.DrawFn) -> str:
    """Exact paths, named segments and prefixes, a few segments long, so that they overlap."""
    path = "".join(f"/{segment}" for segment in draw(st.lists(segments, min_size=1, max_size=3)))
    return path + draw(st.sampled_from(["", "", "/*"]))


@st.composite
def routes(draw: st.DrawFn) -> Route:
    return Route(
        name="one",
        path=draw(paths()),
        kind=draw(st.sampled_from(Kind)),
        body_limit_bytes=draw(st.none() | sizes),
        response_timeout_s=draw(st.none() | seconds),
        stream_idle_timeout_s=draw(st.none() | seconds),
    )


def _shape(path: str) -> str:
    return "/".join(":" if segment.startswith(":") else segment for segment in path.split("/"))


timeouts = st.builds(Timeouts, **dict.fromkeys(Timeouts.__dataclass_fields__, seconds))

upstreams = st.sampled_from(
    [
        Address(host="127.0.0.1", port=3000),
        Address(host="::1", port=3000),
        Address(host="app.internal", port=80),
        Address(unix="/run/it's a socket;.sock"),
    ]
)

origins = st.none() | st.builds(
    Origin, scheme=st.sampled_from(["http", "https"]), host=st.sampled_from(["a.example", "a.example:8443", "[::1]:81"])
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy that every engine can be asked for."""
    drawn = draw(st.lists(routes(), max_size=8, unique_by=lambda route: _shape(route.path)))
    return replace(
        BASE,
        routes=(*drawn, Route(name="pages", path="/*", kind=Kind.PAGE)),
        upstream=draw(upstreams),
        public_origin=draw(origins),
        trusted_proxies=draw(st.sampled_from([(), PRIVATE, CLOUDFLARE])),
        upgrade_tokens=draw(st.sampled_from([frozenset({"websocket"}), frozenset({"websocket", "tunnel/1.0"})])),
        untrusted_fields=BASE.untrusted_fields | draw(st.sampled_from([frozenset(), frozenset({"x-user"})])),
        timeouts=draw(timeouts),
        limits=replace(BASE.limits, body_bytes=draw(sizes)),
    )

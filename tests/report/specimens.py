"""Runs to report on: a chain with a bad nginx in it, a healthy one, and a file that was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from antechamber.policy.effective import (
    MISSING,
    Effective,
    EffectiveRoute,
    Place,
    PolicyField,
    Scalar,
    Source,
    required,
)
from antechamber.policy.load import load
from antechamber.policy.model import Kind, Policy
from antechamber.policy.observation import AT_ONCE, HELD, Observation
from antechamber.report.run import DirectAccess, Hop, Lane, Moment, RouteFacts, Run, Timeline
from antechamber.rules.assess import assess, gather, judge
from antechamber.rules.catalogue import readable
from antechamber.rules.finding import Assessment
from antechamber.rules.rule import Required
from antechamber.rules.verdict import CannotTell

PASSWORD = "correct horse"
STARTED = datetime(2026, 11, 22, 22, 15, tzinfo=UTC)

_HEALTHY: Mapping[Kind, Mapping[Observation, Scalar]] = {
    Kind.WEBSOCKET: {
        Observation.UPGRADE: "switched",
        Observation.ORIGIN: "accepted",
        Observation.FRAMES: AT_ONCE,
        Observation.SOCKET_END: "open",
        Observation.ANSWER: "app",
    },
    Kind.SSE: {
        Observation.HEAD: AT_ONCE,
        Observation.EVENTS: AT_ONCE,
        Observation.STREAM_END: "open",
        Observation.STREAM_CODING: "identity",
        Observation.ANSWER: "app",
    },
    Kind.UPLOAD: {Observation.UPLOAD: "whole"},
    Kind.API: {Observation.CODINGS: 1, Observation.CONTENT: "intact", Observation.ANSWER: "app"},
    Kind.PAGE: {Observation.CODINGS: 1, Observation.CONTENT: "intact", Observation.ANSWER: "app"},
}
_SITE: Mapping[Observation, Scalar] = {
    Observation.FOREIGN_ORIGIN: "refused",
    Observation.TLS: "sound",
    Observation.HTTP_VERSIONS: "http/1.1",
    Observation.REDIRECT_LOOP: False,
}


def policy() -> Policy:
    return load({"to": ":3000"}, environment={}, directory=Path("/")).policy


def requirements() -> list[Required]:
    held = policy()
    return [Required(route, required(held, route)) for route in held.routes]


def observed(value: Scalar, where: str = "") -> Effective:
    return Effective(value, Source.OBSERVED, where)


def healthy() -> dict[str, EffectiveRoute]:
    """What a probe sees of a chain without a fault."""
    routes = {}
    for one in requirements():
        seen = {**_HEALTHY[one.route.kind], **(_SITE if one.route.path == "/*" else {})}
        fields = {field: one.fields[field] for field in (PolicyField.HOST, PolicyField.FORWARDED_PROTO)}
        routes[one.route.path] = EffectiveRoute(
            one.route.path,
            {field: observed(value) for field, value in fields.items()},
            {name: observed(value) for name, value in seen.items()},
        )
    return routes


def faulty() -> Assessment:
    """Held events on one stream, lost headers on the sockets, and no limit known."""
    routes = healthy()
    stream = routes["/api/global/event"]
    held = observed(HELD, "12 events came together after 6.0 s, directly each within 2 ms")
    routes[stream.path] = replace(stream, observations={**stream.observations, Observation.EVENTS: held})
    for one in requirements():
        if one.route.kind is Kind.WEBSOCKET:
            socket = routes[one.route.path]
            lost = {
                PolicyField.HOST: observed("127.0.0.1:3000"),
                PolicyField.CLIENT_ADDRESS: observed(MISSING),
                PolicyField.FORWARDED_PROTO: observed(MISSING),
                PolicyField.FORWARDED_HOST: observed(MISSING),
            }
            refused = observed("refused", "403 Invalid origin")
            seen = {**socket.observations, Observation.ORIGIN: refused}
            routes[socket.path] = EffectiveRoute(socket.path, lost, seen)
    judged = judge(requirements(), routes)
    return gather([replace(one, hop="nginx") if _is_fault(one.verdict) else one for one in judged], requirements())


def _is_fault(verdict: object) -> bool:
    return type(verdict).__name__ == "Fired"


def checked(assessment: Assessment) -> Run:
    """A run of ``check`` with everything that a run can have."""
    return Run(
        command="check",
        target=f"https://owner:{PASSWORD}@chat.example.com/?oc_url_token=s3cr3t",
        assessment=assessment,
        version="0.1.0",
        profile="openchamber",
        app="OpenChamber",
        started=STARTED,
        took_s=8.42,
        app_version="1.19.0",
        depth="signed in",
        direct=DirectAccess(url="http://10.0.0.5:3000", reachable=True, answered="200 in 3 ms"),
        hops=(
            Hop(name="cloudflare", software="cloudflare", certain=False, http_versions=("h2", "http/1.1")),
            Hop(name="nginx", url="http://10.0.0.5:8080", software="nginx/1.22.1", http_versions=("http/1.1",)),
        ),
        routes=(
            RouteFacts(path="/api/global/event", kind=Kind.SSE),
            RouteFacts(
                path="/api/terminal/:sessionId/stream",
                kind=Kind.SSE,
                not_applicable="not in 1.19.0: it ended with 1.16.1",
            ),
        ),
        timelines=(timeline(),),
        remarks=(f"the session cookie oc_ui_session={PASSWORD} was used",),
        unlocks=("A witness in front of the app shows what arrives there: antechamber witness --to :3000",),
        secrets=frozenset({PASSWORD}),
        secret_query_keys=frozenset({"oc_url_token"}),
    )


def timeline() -> Timeline:
    """Twelve events, half a second apart; through the chain they come together at the end."""
    sent = [0.05 + 0.5 * number for number in range(12)]
    direct = tuple(Moment(number=n, sent_s=at, arrived_s=at + 0.002) for n, at in enumerate(sent))
    through = tuple(Moment(number=n, sent_s=at, arrived_s=6.0 if n else None) for n, at in enumerate(sent))
    return Timeline(
        path="/api/global/event",
        kind=Kind.SSE,
        lanes=(
            Lane(label="direct", head_s=0.004, moments=direct, end_s=6.2, end="stopped by us"),
            Lane(label="through nginx", head_s=5.98, moments=through, end_s=6.2, end="stopped by us"),
        ),
    )


def linted() -> Run:
    """A run of ``lint`` on a file in which the limit on bodies is too small, on one line for all routes."""
    routes = {}
    for one in requirements():
        fields = {field: Effective(value, Source.SET) for field, value in one.fields.items()}
        place = Place("site.conf", 3, 5)
        fields[PolicyField.BODY_LIMIT_BYTES] = Effective(1024**2, Source.INHERITED, "line 3", place)
        routes[one.route.path] = EffectiveRoute(one.route.path, fields)
    return Run(
        command="lint",
        target="site.conf",
        assessment=assess(requirements(), routes, readable(), fix=lambda rule, route: "client_max_body_size 140m;"),
        version="0.1.0",
        profile="openchamber",
        app="OpenChamber",
        files=("site.conf",),
        texts={"site.conf": "server {\n    listen 80;\n    client_max_body_size 1m; # <b>small</b>\n}\n"},
    )


def clean() -> Run:
    """A run of ``check`` that found nothing wrong."""
    return replace(checked(assess(requirements(), healthy())), target="https://chat.example.com")


def doubtful(assessment: Assessment) -> int:
    return sum(isinstance(one.verdict, CannotTell) for one in assessment.judged)

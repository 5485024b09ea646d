"""From looks to what holds on a route: the same values that reading a configuration gives, seen instead of read.

Pure: two looks in, one :class:`EffectiveRoute` out. Which of it is a fault is for the rules. One module a group of
observations; what could not be seen is said with its reason.
"""

from __future__ import annotations

from antechamber.policy.effective import Effective, EffectiveRoute, PolicyField, Source
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.probe.effective_answer import answer_facts
from antechamber.probe.effective_body import body_facts
from antechamber.probe.effective_departure import departure_facts
from antechamber.probe.effective_fields import field_facts
from antechamber.probe.effective_socket import foreign_upgrade, socket_facts
from antechamber.probe.effective_stream import stream_facts
from antechamber.probe.effective_versions import version_facts
from antechamber.probe.facts import Facts
from antechamber.probe.seen import Seen, Way
from antechamber.probe.telling import told

_REFUSALS = (401, 403, 429)
"""Statuses of an app that has the route and does not let this client in."""

_TIMERS = (
    PolicyField.CONNECT_S,
    PolicyField.REQUEST_HEAD_S,
    PolicyField.BODY_IDLE_S,
    PolicyField.RESPONSE_S,
    PolicyField.STREAM_IDLE_S,
    PolicyField.SEND_S,
    PolicyField.KEEPALIVE_IDLE_S,
    PolicyField.UPSTREAM_IDLE_S,
    PolicyField.DRAIN_S,
)


def effective_route(seen: Seen, way: Way) -> EffectiveRoute:
    """What holds on the route, as far as it was seen."""
    facts = Facts(seen.route.path)
    match seen.route.kind:
        case Kind.WEBSOCKET:
            socket_facts(seen, facts)
            version_facts(seen, facts)
            if seen.through.refusal is not None:
                answer_facts(seen, way, facts)
            else:
                facts.saw(Observation.ANSWER, "app", "101")
        case Kind.SSE:
            stream_facts(seen, facts)
            answer_facts(seen, way, facts)
        case Kind.API | Kind.PAGE | Kind.UPLOAD:
            answer_facts(seen, way, facts)
            body_facts(seen, facts)
            _upgrade_elsewhere(seen, facts)
            foreign_upgrade(seen, facts)
    field_facts(seen, way, facts)
    _unseen(seen, facts)
    if seen.direct is None and seen.route.kind in way.working and not seen.works:
        _perhaps_not_there(facts)
    facts.unknown(*_TIMERS, because="a time limit shows only to who waits for it")
    departure_facts(seen, facts)
    return facts.route()


def not_applicable(seen: Seen) -> str:
    """Why a route is not to be judged: the app at hand does not have it. Empty if it has, or nobody knows."""
    if not seen.route.kind.live or seen.app_has_it is not False or seen.direct is None:
        return ""
    if seen.direct.stream is not None and len(seen.direct.sightings) > 1:
        return ""  # observed in place all the same
    real = seen.direct.real
    refused = real is not None and real.status is not None and (real.status in _REFUSALS or real.status >= 500)
    if real is None or refused:
        return ""
    nothing_there = ", or nothing there to try it on" if "/:" in seen.route.path else ""
    return f"the app does not have it{nothing_there}: directly {told(real)}"


def _upgrade_elsewhere(seen: Seen, facts: Facts) -> None:
    """Sockets on paths that no list names: only in place, as the app has none there."""
    socket = seen.through.socket
    if socket is None:
        facts.unseen(Observation.UPGRADE, because="nobody opens a socket there")
    elif socket.status == 101:
        facts.saw(Observation.UPGRADE, "switched", "101")
    elif socket.status is not None:
        html = socket.status == 200 and socket.media_type == "text/html"
        facts.saw(Observation.UPGRADE, "html" if html else f"status {socket.status}", told(socket))


_ABSENT = ("html", "silence", "nothing", "status 400", "status 404")
"""How an app answers that does not have a live route, as well as how a broken chain does."""


def _perhaps_not_there(facts: Facts) -> None:
    """Others of its kind work, and nobody knows whether the app has this one: then it is no fault of the way."""
    for observation in (Observation.UPGRADE, Observation.ANSWER):
        found = facts.observations.get(observation)
        if found is not None and found.value in _ABSENT:
            because = f"others of its kind work, so perhaps the app does not have it: {found.where}"
            facts.observations[observation] = Effective(None, Source.UNKNOWN, because)


def _unseen(seen: Seen, facts: Facts) -> None:
    """The one reason for everything that could not be told of a route."""
    direct = seen.direct
    if direct is None:
        facts.saw(Observation.UNSEEN, "no direct access", "there is no direct access to compare with")
    elif direct.real is not None and direct.real.status == 401:
        facts.saw(Observation.UNSEEN, "login needed", "401 directly: it needs a login")
    elif seen.route.kind.live and seen.app_has_it and direct.closed:
        facts.saw(Observation.UNSEEN, "app down", f"directly it was ended by the app: {direct.closed}")
    elif direct.real is not None and (direct.real.status or 0) >= 500:
        facts.saw(Observation.UNSEEN, "app down", f"directly it answers {told(direct.real)}")
    elif direct.sightings:
        return
    elif direct.real is not None and direct.real.status is None:
        facts.saw(Observation.UNSEEN, "app silent", "directly it does not answer")
    elif seen.route.kind.live and seen.app_has_it and direct.first_s is None:
        facts.saw(Observation.UNSEEN, "app silent", "directly nothing came either")

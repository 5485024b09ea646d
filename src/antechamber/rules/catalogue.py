"""Every fault that this project knows, as data: id, name, the policy field it breaks, and why that hurts.

Ids are never reused. The first digit is the family. A name names the fault, not the virtue.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from antechamber.policy.effective import PolicyField


class Family(StrEnum):
    """The digit after ``AC``."""

    WEBSOCKET = "1"
    EVENT_STREAMS = "2"
    BODIES = "3"
    TIME_LIMITS = "4"
    HEADERS = "5"
    COMPRESSION_AND_CACHING = "6"
    TLS_AND_VERSIONS = "7"
    DEPLOYS = "8"
    COULD_NOT_TELL = "9"


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault. ``field`` is ``None`` for what concerns a whole site, or no field at all."""

    id: str
    name: str
    field: PolicyField | None
    reason: str

    @property
    def family(self) -> Family:
        return Family(self.id[2])


CATALOGUE: tuple[Rule, ...] = (
    Rule("AC101", "upgrade-lost", PolicyField.UPGRADES, "without its Upgrade a WebSocket is an ordinary GET"),
    Rule("AC102", "foreign-upgrade-relayed", PolicyField.UPGRADES, "an upgrade nobody asked for is an unknown tunnel"),
    Rule("AC201", "response-buffered", PolicyField.RESPONSE_STREAMED, "events must not wait in a buffer"),
    Rule("AC301", "body-refused", PolicyField.BODY_LIMIT_BYTES, "an upload that the app takes must not get 413"),
    Rule("AC302", "upload-held", PolicyField.REQUEST_STREAMED, "an upload that is held first takes twice as long"),
    Rule("AC401", "connect-cut", PolicyField.CONNECT_S, "an app that restarts needs a moment to accept"),
    Rule("AC402", "answer-cut", PolicyField.RESPONSE_S, "the app's own deadline must come before the proxy's"),
    Rule("AC403", "stream-cut", PolicyField.STREAM_IDLE_S, "a quiet stream is a healthy stream"),
    Rule("AC404", "slow-reader-cut", PolicyField.SEND_S, "a laptop that sleeps keeps its terminal"),
    Rule("AC405", "stalled-upload-kept", PolicyField.BODY_IDLE_S, "a client that stopped sending holds a connection"),
    Rule("AC406", "stale-connection-reused", PolicyField.UPSTREAM_IDLE_S, "a connection the app is closing gives 502"),
    Rule("AC407", "slow-head-kept", PolicyField.REQUEST_HEAD_S, "one byte at a time must not hold a connection"),
    Rule("AC408", "idle-client-cut", PolicyField.KEEPALIVE_IDLE_S, "the outer hop must close first"),
    Rule("AC501", "host-changed", PolicyField.HOST, "apps compare a socket's Origin with Host, port included"),
    Rule("AC502", "client-address-forged", PolicyField.CLIENT_ADDRESS, "apps limit logins by the first address"),
    Rule("AC503", "scheme-wrong", PolicyField.FORWARDED_PROTO, "a wrong scheme turns every WebSocket into a 403"),
    Rule("AC504", "public-host-wrong", PolicyField.FORWARDED_HOST, "a wrong name turns every WebSocket into a 403"),
    Rule("AC505", "forwarded-passed", PolicyField.FORWARDED, "what a client says of itself is no proxy's word"),
    Rule("AC506", "look-alikes-passed", PolicyField.LOOK_ALIKES, "some app takes these for a proxy's word"),
    Rule("AC601", "compressed-twice", PolicyField.COMPRESSION, "one layer compresses: the app"),
    Rule("AC602", "live-route-cached", PolicyField.CACHE, "an answer of this app is for one person, once"),
    Rule("AC603", "stream-transformable", PolicyField.NO_TRANSFORM, "no-transform is the sign that a CDN obeys"),
    Rule("AC701", "no-redirect-to-https", None, "a page that was opened over http has no secure cookies"),
    Rule("AC702", "old-tls", None, "browsers have stopped speaking TLS 1.0 and 1.1"),
    Rule("AC703", "no-http2", None, "over HTTP/1.1 a browser opens six connections, and event streams use them up"),
    Rule("AC801", "streams-cut-on-reload", PolicyField.DRAIN_S, "a change of configuration must not end a terminal"),
    Rule("AC901", "could-not-tell", None, "what cannot be seen is not said to be well"),
)


def rule(identifier: str) -> Rule:
    """The rule of that id; :class:`KeyError` where there is none."""
    return _BY_ID[identifier]


_BY_ID = {one.id: one for one in CATALOGUE}

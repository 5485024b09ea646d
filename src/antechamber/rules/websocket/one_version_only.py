"""AC108: WebSockets over HTTP/2 are offered and do not work, or are all there is (RFC 8441)."""

from __future__ import annotations

from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC108",
    name="one-version-only",
    title="WebSockets open over one HTTP version only",
    reason="a browser takes the version that is offered, not the one that works",
    symptom="Sockets fail in some browsers and work in others, or work with a command-line tool and fail on the page.",
    cause="The proxy announces extended CONNECT (RFC 8441) and does not carry it to the app; or it carries that "
    "alone, and refuses the upgrade over HTTP/1.1.",
    why="A browser that was offered extended CONNECT uses it on the HTTP/2 connection that it has, and does not try "
    "again over HTTP/1.1. Tools and proxies further out mostly know HTTP/1.1 only. Where HTTP/2 offers none, browsers "
    "open a connection of HTTP/1.1 by themselves, and nothing is wrong.",
    fix="Let what is allowed to an upgrade over HTTP/1.1 be allowed to one that came over HTTP/2, or switch extended "
    "CONNECT off; and keep the upgrade over HTTP/1.1 working.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.WEBSOCKET,),
        seen(
            Observation.SOCKET_VERSIONS,
            healthy=("http/1.1", "both"),
            otherwise={
                "h2 only": "it opens over HTTP/2 only",
                "broken over h2": "HTTP/2 is offered for it, and it does not open over HTTP/2",
            },
        ),
    ),
    observation=Observation.SOCKET_VERSIONS,
    symptoms=(4,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc8441.html",
        "https://github.com/mattermost/mattermost/issues/30285",
        "https://github.com/vitejs/vite/issues/1653",
        "https://github.com/nginx/nginx/issues/1034",
    ),
)

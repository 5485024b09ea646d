"""AC210: the site is behind a quick tunnel, which carries no event streams."""

from __future__ import annotations

from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC210",
    name="quick-tunnel",
    title="A quick tunnel does not carry event streams",
    reason="trycloudflare.com says so itself",
    symptom="Everything works but live status; streams that are read with GET come at their end only.",
    cause="The site is reached through a tunnel of the kind that is made without an account, for trying things out.",
    why="Event streams are not supported there, 200 requests may be open at once, and nobody promises that it stays "
    "up.",
    fix="Use a named tunnel (free as well), or any other way in.",
    severity=Severity.WARNING,
    judge=on(
        (Kind.SSE,),
        seen(Observation.QUICK_TUNNEL, healthy=(False,), otherwise={True: "the site's name is a quick tunnel's"}),
    ),
    observation=Observation.QUICK_TUNNEL,
    symptoms=(2,),
    sources=(
        "https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/do-more-with-tunnels/"
        "trycloudflare/",
        "https://github.com/cloudflare/cloudflared/issues/1449",
    ),
)

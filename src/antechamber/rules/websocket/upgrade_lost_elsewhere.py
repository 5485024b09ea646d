"""AC103: sockets work on the paths somebody listed, and nowhere else."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import either, seen
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import NotApplicable, Verdict
from antechamber.rules.websocket.upgrade_lost import relayed

_either = either(
    seen(
        Observation.UPGRADE,
        healthy=("switched",),
        otherwise={"html": "a page of HTML came instead of 101", "status 426": "status 426 came instead of 101"},
    ),
    relayed,
)


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    route = required.route
    if route.kind is Kind.WEBSOCKET or route.methods or not route.path.endswith("/*"):
        return NotApplicable("it is about paths that no list of sockets names")
    return _either(required, effective)


RULE = Rule(
    id="AC103",
    name="upgrade-lost-elsewhere",
    title="Sockets pass on the listed paths only",
    reason="an app's next version may open a socket elsewhere",
    symptom="Most things work; one feature, voice input for example, or one that came with an update, does not "
    "connect.",
    cause="Upgrade and Connection are passed on in the blocks of the listed paths; all other paths go through a block "
    "that drops them.",
    why="A list of paths is out of date as soon as the app is. OpenChamber opens sockets that its own guide does not "
    "name.",
    fix="Pass WebSocket upgrades on everywhere: a request without Upgrade is not changed by that.",
    severity=Severity.WARNING,
    judge=_judge,
    field=PolicyField.UPGRADES,
    observation=Observation.UPGRADE,
    symptoms=(1, 4),
    roots=("AC516", "AC517", "AC709", "AC101"),
    roots_below=True,
    sources=(
        "https://nginx.org/en/docs/http/websocket.html",
        "https://github.com/openchamber/openchamber",
    ),
)

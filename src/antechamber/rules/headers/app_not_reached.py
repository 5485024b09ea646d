"""AC517: the proxy does not reach the app, which is well by itself."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC517",
    name="app-not-reached",
    title="A proxy does not reach the app",
    reason="127.0.0.1 in a container is the container",
    symptom="502 Bad Gateway, or the page of something else, while the app works when it is opened directly.",
    cause="The proxy dials another address than the app's: 127.0.0.1 inside a container is the container itself, a "
    "name resolves to an old address, a port differs. Or it knows no site of this name, and another one answers.",
    why="Nothing of the app can be seen through that proxy.",
    fix="Give the proxy the address at which the app answers from where the proxy runs, and let it serve the app under "
    "the public name.",
    severity=Severity.ERROR,
    judge=seen(
        Observation.ANSWER,
        healthy=("app",),
        otherwise={
            "gateway error": "a hop answers that it did not reach the app",
            "elsewhere": "404 comes, for the page as well, which the app has directly",
            "nothing": "nothing answers",
        },
    ),
    observation=Observation.ANSWER,
    symptoms=(4,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6.3",
        "https://www.rfc-editor.org/rfc/rfc9209.html#section-2.3",
    ),
)

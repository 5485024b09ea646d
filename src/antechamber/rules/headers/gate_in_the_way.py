"""AC516: a login or challenge page answers where live traffic was expected."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC516",
    name="gate-in-the-way",
    title="A login or challenge page answers instead of the app",
    reason="a socket cannot fill in a form",
    symptom="The page works after logging in; its sockets and streams end, and nothing says why.",
    cause="A gate in front of the app (single sign-on, an access service, a bot check) answers what it does not let "
    "in with a page or a redirect to one.",
    why="Scripts cannot see a redirect of a handshake, and an EventSource that gets HTML ends for good. When the "
    "gate's session ends, everything live ends, silently.",
    fix="Let the gate answer 401 on live routes, give it the same session as the page, and let manifest and service "
    "tokens through.",
    severity=Severity.ERROR,
    judge=seen(
        Observation.ANSWER,
        healthy=("app",),
        otherwise={
            "login": "a login page answers",
            "challenge": "a challenge page answers",
            "redirect": "a redirect answers",
        },
    ),
    observation=Observation.ANSWER,
    symptoms=(1, 2, 4),
    roots=("AC709",),
    sources=(
        "https://github.com/authelia/authelia/issues/3221",
        "https://github.com/mesop-dev/mesop/issues/1389",
        "https://github.com/openchamber/openchamber/pull/734",
    ),
)

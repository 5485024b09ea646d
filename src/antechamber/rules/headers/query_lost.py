"""AC513: the query of a request does not arrive as it was sent."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC513",
    name="query-lost",
    title="Queries are lost or changed on the way",
    reason="sockets carry their token in the query",
    symptom="WebSockets and event streams end in 401 although the page is signed in; some downloads fail.",
    cause="A rewrite rule drops or decodes the query, or a filter refuses some of them.",
    why="Browsers cannot set fields on WebSockets and EventSource, so apps put short-lived tokens into the query.",
    fix="Pass path and query on as they came.",
    severity=Severity.ERROR,
    judge=seen(Observation.QUERY, healthy=(True,), otherwise={False: "the query did not arrive as it was sent"}),
    observation=Observation.QUERY,
    symptoms=(1, 4),
    sources=("https://www.rfc-editor.org/rfc/rfc9110.html#section-7.7",),
)

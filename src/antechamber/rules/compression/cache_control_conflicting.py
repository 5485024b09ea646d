"""AC610: two ``Cache-Control`` fields say different things."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC610",
    name="cache-control-conflicting",
    title="Two Cache-Control fields contradict each other",
    reason="two fields are read as one, or as either",
    symptom="One browser or CDN caches, another does not.",
    cause="The proxy adds a Cache-Control of its own beside the app's: add_header in nginx adds, it does not replace.",
    why="By the standard they are one list; caches in the wild take the first, the last, or the laxer one.",
    fix="Hide the app's field where the proxy sets its own, or set none.",
    severity=Severity.WARNING,
    judge=seen(
        Observation.CACHE_CONTROL,
        healthy=("consistent",),
        otherwise={"conflicting": "there are two Cache-Control fields, and they differ"},
    ),
    mended_by=PolicyField.NO_TRANSFORM,
    observation=Observation.CACHE_CONTROL,
    symptoms=(2,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-5.3",
        "https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header",
    ),
)

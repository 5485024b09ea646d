"""AC708: browsers are not told to stay on https (RFC 6797)."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC708",
    name="no-hsts",
    title="Browsers are not told to stay on https",
    reason="the first request of each day may go over http",
    symptom="Nothing.",
    cause="No answer has Strict-Transport-Security; or the site's have, and in nginx a location with an add_header of "
    "its own inherits none.",
    why="A redirect from http can be intercepted before it leads to https.",
    fix='Send "Strict-Transport-Security: max-age=31536000" once you are sure that https stays, from every location.',
    severity=Severity.ADVICE,
    judge=seen(
        Observation.HSTS,
        healthy=(True,),
        otherwise={
            False: "no Strict-Transport-Security is sent",
            "dropped": "the site's Strict-Transport-Security is dropped",
        },
    ),
    observation=Observation.HSTS,
    site=True,
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6797.html",
        "https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header",
    ),
)

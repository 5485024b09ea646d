"""AC514: the app's redirects lead to http, or to an inner address."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC514",
    name="redirects-astray",
    title="Redirects lead to http or to an inner address",
    reason="an app makes its links from what it is told",
    symptom="After logging in the browser shows an address such as http://127.0.0.1:3000, or warns of an insecure "
    "page.",
    cause="The app builds the address from Host and X-Forwarded-Proto, and these are the inner ones; or the proxy "
    "rewrites Location.",
    why="The person ends where nothing answers, and cookies that are Secure are not sent.",
    fix="Keep Host and set X-Forwarded-Proto; leave Location alone.",
    severity=Severity.ERROR,
    judge=seen(
        Observation.REDIRECTS,
        healthy=("public",),
        otherwise={"http": "a redirect leads to http", "inner": "a redirect leads to an inner address"},
    ),
    mended_by=PolicyField.FORWARDED_PROTO,
    mended_with=(PolicyField.HOST,),
    observation=Observation.REDIRECTS,
    symptoms=(4,),
    roots=("AC509", "AC501", "AC503", "AC504"),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.2",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_redirect",
    ),
)

"""AC201: a proxy collects an event stream before it passes it on."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import AT_ONCE, HELD, Observation
from antechamber.rules.judging import either, equal, on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC201",
    name="response-buffered",
    title="Events of a stream wait in a proxy's buffer",
    reason="events must not wait in a buffer",
    symptom="Notifications and live status do not update; after a reload of the page everything is there.",
    cause="The proxy fills a buffer before it sends: that is what it does with every answer unless told otherwise. "
    "HTTP/1.0 to the app or compression on the way make it wait for the very end.",
    why="An event stream has no end, so nothing arrives, or it arrives in lumps minutes late. The page stays "
    "connected and shows no error.",
    fix="Switch buffering of answers off where event streams are served, and speak HTTP/1.1 to the app.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.SSE,),
        either(
            seen(Observation.EVENTS, healthy=(AT_ONCE,), otherwise={HELD: "events were held until the stream ended"}),
            equal(PolicyField.RESPONSE_STREAMED, "answers are buffered"),
        ),
    ),
    field=PolicyField.RESPONSE_STREAMED,
    observation=Observation.EVENTS,
    symptoms=(2, 4),
    roots=("AC210",),
    sources=(
        "https://html.spec.whatwg.org/multipage/server-sent-events.html",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
        "https://github.com/nginx/nginx/issues/1505",
        "https://www.rfc-editor.org/info/rfc10036/",
    ),
)

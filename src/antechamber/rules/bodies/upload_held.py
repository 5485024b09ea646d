"""AC302: a proxy collects an upload before it passes it on."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import AT_ONCE, HELD, Observation
from antechamber.rules.judging import either, equal, on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC302",
    name="upload-held",
    title="Uploads are collected before the app sees them",
    reason="an upload that is held first takes twice as long",
    symptom="An upload runs to 100 % and then hangs, or fails with 499, 408 or 504 when the file is large.",
    cause="The proxy writes the whole body to its disk first, to free the app from slow clients.",
    why="The file is transferred twice, one after the other; the app sees no progress, and the proxy's disk fills up.",
    fix="Switch buffering of requests off where files are uploaded, and speak HTTP/1.1 to the app.",
    severity=Severity.WARNING,
    judge=on(
        (Kind.UPLOAD,),
        either(
            seen(
                Observation.REQUEST_PIECES,
                healthy=(AT_ONCE,),
                otherwise={HELD: "the app saw the first octet when the last was sent"},
            ),
            equal(PolicyField.REQUEST_STREAMED, "request bodies are buffered"),
        ),
    ),
    field=PolicyField.REQUEST_STREAMED,
    observation=Observation.REQUEST_PIECES,
    symptoms=(3,),
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_request_buffering",
        "https://github.com/nextcloud/docker/issues/650",
    ),
)

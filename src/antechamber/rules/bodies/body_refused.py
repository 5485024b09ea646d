"""AC301: a proxy refuses a body that the app would take (413, RFC 9110, section 15.5.14)."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import NOT_LIVE, no_less, on
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC301",
    name="body-refused",
    title="A proxy refuses bodies that the app takes",
    reason="an upload that the app takes must not get 413",
    symptom="Uploads of larger files fail with 413; small ones work.",
    cause="The proxy's limit on request bodies is below the app's. nginx has 1 MiB unless told otherwise.",
    why="The file never reaches the app, and the message is the proxy's. A file that is inlined into a message as "
    "base64 is a third larger than on disk.",
    fix="Raise the limit on bodies to what the app takes.",
    severity=Severity.ERROR,
    judge=on(
        NOT_LIVE,
        no_less(PolicyField.BODY_LIMIT_BYTES, "a body may have {value} at most, and the app takes {wanted}"),
    ),
    field=PolicyField.BODY_LIMIT_BYTES,
    symptoms=(3,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.14",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size",
        "https://github.com/NginxProxyManager/nginx-proxy-manager/issues/914",
    ),
)

"""AC707: the certificate comes without its intermediate."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.rule import Rule, Severity
from antechamber.rules.tls.certificate import faulty

RULE = Rule(
    id="AC707",
    name="chain-incomplete",
    title="The certificate comes without its chain",
    reason="a browser may know the intermediate, and an app on a phone does not",
    symptom="Works in a desktop browser, fails in apps, on phones and with command-line tools.",
    cause="The proxy serves the certificate alone instead of the file with the whole chain.",
    why="Browsers often have the intermediate from elsewhere; everything else refuses.",
    fix="Serve the full chain: fullchain.pem, not cert.pem.",
    severity=Severity.ERROR,
    judge=faulty("incomplete chain", "an intermediate certificate is missing"),
    observation=Observation.TLS,
    site=True,
    symptoms=(4,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc8446.html#section-4.4.2",
        "https://nginx.org/en/docs/http/configuring_https_servers.html#chains",
    ),
)

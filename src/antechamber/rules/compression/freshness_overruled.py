"""AC611: a proxy tells clients to keep an answer for longer than the app said, or hides what it said."""

from __future__ import annotations

from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen, unless_hashed
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC611",
    name="freshness-overruled",
    title="Clients are told to keep what the app wants asked for again",
    reason="what a browser keeps, nobody can take back",
    symptom="After an update some browsers run the old page or the old service worker for hours, others not; clearing "
    "the browser's cache helps.",
    cause="The proxy hides the app's Cache-Control and writes an Expires or max-age of its own, by the file's "
    'extension for instance: "expires" in nginx, "Cache Assets" in Nginx Proxy Manager (until half past midnight), a '
    "browser TTL in a CDN.",
    why="The app says no-store or max-age=0 where an old copy does harm: its service worker, a person's own files. A "
    "copy in a browser stays there when the proxy is mended.",
    fix="Pass the app's Cache-Control and Expires on unchanged; lengthen them only for files whose names change with "
    "their content.",
    severity=Severity.WARNING,
    judge=on(
        (Kind.PAGE, Kind.API, Kind.SSE),
        unless_hashed(
            seen(
                Observation.FRESHNESS,
                healthy=("as said",),
                otherwise={
                    "prolonged": "clients are told to keep an answer that the app wants asked for again",
                    "lost": "clients are not told that the app forbids to keep an answer",
                },
            )
        ),
    ),
    observation=Observation.FRESHNESS,
    roots=("AC602", "AC608", "AC607", "AC610", "AC516"),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9111.html#section-5.2.2",
        "https://nginx.org/en/docs/http/ngx_http_headers_module.html#expires",
        "https://github.com/NginxProxyManager/nginx-proxy-manager/blob/develop/docker/rootfs/etc/nginx/conf.d/include/"
        "assets.conf",
    ),
)

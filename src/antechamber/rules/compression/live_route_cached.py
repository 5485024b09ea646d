"""AC602: answers that are made for one person, once, are kept for others."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import either, equal, on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC602",
    name="live-route-cached",
    title="Answers that must not be cached are cached",
    reason="an answer of this app is for one person, once",
    symptom="Status and notifications are old; somebody sees what belongs to somebody else; a file that was just saved "
    "is still the old one, or is refused to who is signed in.",
    cause="A cache in a proxy or CDN keeps answers of the app's API or streams, often because it was told to ignore "
    "the app's Cache-Control, or because it goes by extension: /api/fs/serve/plan.png looks like an asset, and is a "
    "person's own file behind the login.",
    why="A cached stream is the same few events for everybody. A cached answer shows one person's work to another, "
    "without the login; a cached refusal keeps out whoever may come in.",
    fix="Take caching off everything but the page's own static files, by path and not by extension.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.SSE, Kind.API, Kind.UPLOAD),
        either(
            seen(Observation.FROM_CACHE, healthy=(False,), otherwise={True: "an answer came out of a cache"}),
            equal(PolicyField.CACHE, "who caches: {value}"),
        ),
    ),
    field=PolicyField.CACHE,
    observation=Observation.FROM_CACHE,
    symptoms=(2,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9111.html#section-3",
        "https://github.com/NginxProxyManager/nginx-proxy-manager/blob/develop/docker/rootfs/etc/nginx/conf.d/include/"
        "assets.conf",
        "https://developers.cloudflare.com/cache/concepts/default-cache-behavior/",
    ),
)

"""AC608: a page or its files are kept although the app says that they are to be asked for again."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import either, equal, on, seen, unless_hashed
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC608",
    name="page-cached",
    title="Pages are cached against the app's word",
    reason="an old page speaks to a new app",
    symptom="After an update of the app the page is broken until the browser's cache is cleared, or for hours.",
    cause='A cache keeps files by their extension and ignores Cache-Control, as "Cache Assets" of Nginx Proxy Manager '
    "does.",
    why="A page of the old version asks a new app for files and commands that are gone; an old service worker outlives "
    "the page. Files whose names change with their content may be kept, and are no fault.",
    fix="Take caching off, or let it obey the app's Cache-Control; keep nothing but files with such names.",
    severity=Severity.WARNING,
    judge=on(
        (Kind.PAGE,),
        unless_hashed(
            either(
                seen(Observation.FROM_CACHE, healthy=(False,), otherwise={True: "a page came out of a cache"}),
                equal(PolicyField.CACHE, "who caches: {value}"),
            )
        ),
    ),
    field=PolicyField.CACHE,
    observation=Observation.FROM_CACHE,
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9111.html#section-4",
        "https://github.com/NginxProxyManager/nginx-proxy-manager/blob/develop/docker/rootfs/etc/nginx/conf.d/include/"
        "assets.conf",
    ),
)

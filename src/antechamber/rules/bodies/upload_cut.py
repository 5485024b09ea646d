"""AC304: an upload within the limit is cut on the way."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.observation import Observation
from antechamber.rules.judging import NOT_LIVE, on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC304",
    name="upload-cut",
    title="An upload is cut although it is not too large",
    reason="a long upload is no stalled one",
    symptom="Uploads of large files fail after the same time, on slow lines always.",
    cause="A hop limits how long a request may take as a whole: Traefik 60 s since version 3, Apache's "
    "RequestReadTimeout, Node 300 s.",
    why="Who has a slow line can never upload the file, however often they try.",
    fix="Limit the silence within a body instead of its whole length in time, or raise the limit.",
    severity=Severity.ERROR,
    judge=on(
        NOT_LIVE,
        seen(Observation.UPLOAD, healthy=("whole",), otherwise={"cut": "an upload within the limit was cut"}),
    ),
    mended_by=PolicyField.BODY_IDLE_S,
    observation=Observation.UPLOAD,
    symptoms=(3,),
    roots=("AC301", "AC402", "AC410"),
    sources=(
        "https://doc.traefik.io/traefik/migrate/v2-to-v3-details/",
        "https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html",
        "https://github.com/MagnaCapax/PMSS/issues/569",
    ),
)

"""AC305: an upload arrives with other octets than were sent."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import NOT_LIVE, on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC305",
    name="upload-changed",
    title="An upload arrives changed",
    reason="a proxy has no business inside a body",
    symptom="Uploaded files are damaged, shorter, or decoded.",
    cause="A hop decodes or rewrites bodies, or ends one early and calls it complete.",
    why="The app stores what it was given, and nobody notices until the file is needed.",
    fix="Take filters that look into bodies off the routes of uploads.",
    severity=Severity.ERROR,
    judge=on(
        NOT_LIVE,
        seen(Observation.UPLOAD, healthy=("whole",), otherwise={"changed": "other octets arrived than were sent"}),
    ),
    observation=Observation.UPLOAD,
    symptoms=(3,),
    sources=("https://www.rfc-editor.org/rfc/rfc9110.html#section-7.7",),
)

"""AC515: a request with many or long fields is refused (431, RFC 6585, section 5)."""

from __future__ import annotations

from antechamber.policy.effective import Effective, EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.policy.quantities import show_size
from antechamber.rules.judging import fired
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    match effective.observations.get(Observation.HEADER_BLOCK_BYTES):
        case Effective(value=0):
            return Passed("none was refused")
        case Effective(value=int(size)) as found:
            return fired(f"a header block of {show_size(size)} is refused, and the app takes it", found)
        case found:
            return CannotTell((found and found.where) or "no large header block was sent")


RULE = Rule(
    id="AC515",
    name="header-block-refused",
    title="A proxy refuses header blocks that the app takes",
    reason="cookies of several apps add up",
    symptom='"Request Header Or Cookie Too Large", 400 or 431, in one browser only, and gone after deleting cookies.',
    cause="The proxy's limit on header blocks is below the app's: nginx has 8 KiB a line and four lines of that size, "
    "Node 16 KiB in all.",
    why="Single sign-on and several apps on one domain fill cookies, and then nothing works for that person.",
    fix="Allow as much as the app takes, 16 KiB for Node.",
    severity=Severity.WARNING,
    judge=_judge,
    observation=Observation.HEADER_BLOCK_BYTES,
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6585.html#section-5",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers",
        "https://nodejs.org/api/http.html#httpmaxheadersize",
    ),
)

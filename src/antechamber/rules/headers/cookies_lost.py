"""AC512: cookies do not arrive, in one direction or the other."""

from __future__ import annotations

from antechamber.policy.observation import Observation
from antechamber.rules.judging import seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC512",
    name="cookies-lost",
    title="Cookies are lost on the way",
    reason="the session is a cookie",
    symptom="Logging in seems to work, and the next click asks for the password again; WebSockets end in 401.",
    cause="A hop drops Cookie or Set-Cookie, as caches do, or rewrites domain, path or Secure so that the browser "
    "does not send it back.",
    why="Without its cookie nobody is signed in.",
    fix="Pass Cookie and Set-Cookie on unchanged; take caching off these routes.",
    severity=Severity.ERROR,
    judge=seen(Observation.COOKIES, healthy=(True,), otherwise={False: "a cookie did not arrive as it was sent"}),
    observation=Observation.COOKIES,
    symptoms=(1, 4),
    sources=("https://www.rfc-editor.org/rfc/rfc6265.html#section-3",),
)

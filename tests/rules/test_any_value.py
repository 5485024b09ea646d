"""Whatever a reader or a probe says of a route, every rule has an answer: the values come from others."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.policy.effective import (
    ANY_TOKEN,
    APP_ONLY,
    AS_ASKED,
    AS_SEEN,
    AS_SENT,
    DROPPED,
    MISSING,
    NO_LIMIT,
    PORT_DROPPED,
    Effective,
    EffectiveRoute,
    Place,
    PolicyField,
    Source,
)
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.assess import assess
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.finding import Finding
from antechamber.rules.rule import Required, Severity
from antechamber.rules.verdict import Fired
from tests.rules.cases import requirement

WORDS = (ANY_TOKEN, APP_ONLY, AS_ASKED, AS_SEEN, AS_SENT, DROPPED, MISSING, NO_LIMIT, PORT_DROPPED)
values = st.none() | st.booleans() | st.integers(0, 2**40) | st.floats(0, 1e9) | st.sampled_from(WORDS) | st.text()
effective = st.builds(
    Effective,
    values,
    st.sampled_from(Source),
    st.text(max_size=20),
    st.none() | st.builds(Place, st.just("site.conf"), st.integers(1, 9)),
)
fields = st.dictionaries(st.sampled_from(PolicyField), effective)
observations = st.dictionaries(st.sampled_from(Observation), effective)
NEEDED = [requirement(kind, f"/{kind.value}", heartbeat_s=20.0) for kind in Kind] + [requirement(Kind.PAGE, "/*")]


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Required], dict[str, EffectiveRoute]]:
    """Some routes, and whatever may be said of them."""
    needed = draw(st.lists(st.sampled_from(NEEDED), unique_by=lambda one: one.route.path))
    return needed, {one.route.path: EffectiveRoute(one.route.path, draw(fields), draw(observations)) for one in needed}


def walk(findings: tuple[Finding, ...]) -> list[Finding]:
    return [under for one in findings for under in one.walk()]


@settings(max_examples=60, deadline=None)
@given(situations())
def test_every_rule_has_an_answer_to_any_value(situation: tuple[list[Required], dict[str, EffectiveRoute]]) -> None:
    needed, said = situation
    found = assess(needed, said)
    assert len(found.judged) == sum(1 if one.site else len(needed) for one in CATALOGUE)
    fired = [one for one in found.judged if isinstance(one.verdict, Fired)]
    told = walk(found.findings) + walk(found.advice)
    assert {(one.rule.id, one.path) for one in fired} == {(one.rule.id, path) for one in told for path in one.paths}
    assert all(one.rule.severity is not Severity.ADVICE for one in walk(found.findings))
    assert all(one.rule.severity is Severity.ADVICE for one in walk(found.advice))
    assert all(one.evidence for one in told), "a fault is told with what shows it"

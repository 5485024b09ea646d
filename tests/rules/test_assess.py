"""How faults are gathered: told once, with what follows from them under them, and advice apart."""

from __future__ import annotations

from dataclasses import replace

from antechamber.policy.effective import (
    AS_ASKED,
    Effective,
    EffectiveRoute,
    EffectiveRoutes,
    Place,
    PolicyField,
    Source,
)
from antechamber.policy.model import Kind, Route
from antechamber.policy.observation import Observation
from antechamber.rules.assess import assess, gather, judge
from antechamber.rules.catalogue import rule
from antechamber.rules.finding import Finding
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Fired
from tests.rules.cases import requirement

SOCKETS = [requirement(Kind.WEBSOCKET, path) for path in ("/one", "/two")]
HOST_AND_ORIGIN = [rule("AC104"), rule("AC501")]


def lost(*paths: str, place: Place | None = None, refused: bool = True) -> dict[str, EffectiveRoute]:
    """Routes with a wrong Host; the app refuses their sockets."""
    origin = {Observation.ORIGIN: Effective("refused", Source.OBSERVED)} if refused else {}
    host = {PolicyField.HOST: Effective("inner", Source.SET, place=place)}
    return {path: EffectiveRoute(path, host, origin) for path in paths}


def shape(findings: tuple[Finding, ...]) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Rule, paths and consequences of each finding."""
    return [(one.rule.id, one.paths, [under.rule.id for under in one.consequences]) for one in findings]


def test_what_follows_from_a_fault_stands_under_it_and_both_are_told_once() -> None:
    found = assess(SOCKETS, lost("/one", "/two"), HOST_AND_ORIGIN).findings
    assert shape(found) == [("AC501", ("/one", "/two"), ["AC104"])]
    assert found[0].consequences[0].paths == ("/one", "/two")
    assert [one.rule.id for one in found[0].walk()] == ["AC501", "AC104"]


def test_a_consequence_stands_alone_on_a_route_where_its_root_does_not_fire() -> None:
    effective = lost("/one") | {
        "/two": EffectiveRoute("/two", {}, {Observation.ORIGIN: Effective("refused", Source.OBSERVED)})
    }
    found = assess(SOCKETS, effective, HOST_AND_ORIGIN).findings
    assert shape(found) == [("AC501", ("/one",), ["AC104"]), ("AC104", ("/two",), [])]


def test_the_same_fault_in_two_places_is_two_findings() -> None:
    effective = lost("/one", place=Place("site.conf", 3)) | lost("/two", place=Place("site.conf", 9))
    found = assess(SOCKETS, effective, HOST_AND_ORIGIN).findings
    assert [(one.place, one.paths, len(one.consequences)) for one in found] == [
        (Place("site.conf", 3), ("/one",), 1),
        (Place("site.conf", 9), ("/two",), 1),
    ]


def test_the_same_fault_at_two_hops_is_two_findings() -> None:
    judged = judge(SOCKETS[:1], lost("/one"), HOST_AND_ORIGIN, hop="caddy")
    other = judge(SOCKETS[1:], lost("/two"), HOST_AND_ORIGIN, hop="nginx")
    found = gather([*judged, *other]).findings
    assert [(one.hop, one.paths, len(one.consequences)) for one in found] == [
        ("caddy", ("/one",), 1),
        ("nginx", ("/two",), 1),
    ]


def test_a_fault_at_one_hop_does_not_explain_one_at_another() -> None:
    judged = judge(SOCKETS[:1], lost("/one"), HOST_AND_ORIGIN)
    told = [replace(one, hop=one.rule.id) for one in judged]
    assert shape(gather(told).findings) == [("AC104", ("/one",), []), ("AC501", ("/one",), [])]


def test_roots_are_followed_to_the_first_of_them() -> None:
    """AC104 follows from AC501, which follows from AC509: one finding, with both under it."""
    fields = {
        PolicyField.HOST: Effective("inner", Source.SET),
        PolicyField.CLIENT_ADDRESS: Effective("missing", Source.OBSERVED),
        PolicyField.FORWARDED_PROTO: Effective("missing", Source.OBSERVED),
        PolicyField.FORWARDED_HOST: Effective("missing", Source.OBSERVED),
    }
    seen = {Observation.ORIGIN: Effective("refused", Source.OBSERVED)}
    rules = [rule("AC104"), rule("AC501"), rule("AC509")]
    found = assess(SOCKETS[:1], {"/one": EffectiveRoute("/one", fields, seen)}, rules).findings
    assert shape(found) == [("AC509", ("/one",), ["AC104", "AC501"])]


def test_a_lost_upgrade_below_a_path_explains_the_lost_upgrades_of_the_path() -> None:
    needed = [requirement(Kind.WEBSOCKET, "/api/socket"), requirement(Kind.API, "/api/*"), requirement(Kind.PAGE, "/*")]
    nothing = {PolicyField.UPGRADES: Effective("", Source.SET)}
    effective = {one.route.path: EffectiveRoute(one.route.path, nothing) for one in needed}
    rules = [rule("AC101"), rule("AC103")]
    found = assess(needed, effective, rules).findings
    assert shape(found) == [("AC101", ("/api/socket",), ["AC103"])]
    effective["/api/socket"] = EffectiveRoute("/api/socket", {PolicyField.UPGRADES: Effective("websocket", Source.SET)})
    assert shape(assess(needed, effective, rules).findings) == [("AC103", ("/api/*", "/*"), [])]


def test_a_lost_upgrade_is_explained_by_one_that_the_same_line_causes() -> None:
    needed = [requirement(Kind.WEBSOCKET, "/socket"), requirement(Kind.API, "/files/*")]
    rules = [rule("AC101"), rule("AC103")]

    def found(*lines: int) -> list[tuple[str, tuple[str, ...], list[str]]]:
        effective = {
            one.route.path: EffectiveRoute(
                one.route.path,
                {
                    PolicyField.UPGRADES: Effective(
                        "", Source.INHERITED, place=Place("site.conf", line) if line else None
                    )
                },
            )
            for one, line in zip(needed, lines, strict=True)
        }
        return shape(assess(needed, effective, rules).findings)

    assert found(3, 3) == [("AC101", ("/socket",), ["AC103"])]
    assert found(3, 9) == found(0, 0) == [("AC101", ("/socket",), []), ("AC103", ("/files/*",), [])]


def test_a_rule_of_a_site_is_judged_once_and_explains_every_route() -> None:
    loop = {Observation.REDIRECT_LOOP: Effective(True, Source.OBSERVED)}
    html = {Observation.UPGRADE: Effective("html", Source.OBSERVED)}
    effective = {"/*": EffectiveRoute("/*", {}, loop), "/one": EffectiveRoute("/one", {}, html)}
    found = assess(SOCKETS, effective, [rule("AC101"), rule("AC709")])
    assert shape(found.findings) == [("AC709", ("/*",), ["AC101"])]
    assert [one.path for one in found.judged if one.rule.id == "AC709"] == ["/*"]


def test_what_is_seen_once_for_a_site_counts_on_every_route_and_other_things_do_not() -> None:
    """A foreign origin is tried once. That the page is compressed says nothing of a stream."""
    site = {
        Observation.FOREIGN_ORIGIN: Effective("accepted", Source.OBSERVED),
        Observation.CONTENT: Effective("garbled", Source.OBSERVED),
    }
    own = {Observation.ORIGIN: Effective("accepted", Source.OBSERVED)}
    effective = {"/*": EffectiveRoute("/*", {}, site), "/one": EffectiveRoute("/one", {}, own)}
    (origin, content) = judge(SOCKETS[:1], effective, [rule("AC104"), rule("AC606")])
    assert isinstance(origin.verdict, CannotTell)
    assert "foreign origin" in origin.verdict.because
    assert isinstance(content.verdict, CannotTell)


def test_advice_is_kept_apart_and_is_never_as_bad_as_anything() -> None:
    versions = {Observation.HTTP_VERSIONS: Effective("http/1.1", Source.OBSERVED)}
    found = assess(SOCKETS, {"/*": EffectiveRoute("/*", {}, versions)}, [rule("AC703"), rule("AC501")])
    assert found.findings == ()
    assert shape(found.advice) == [("AC703", ("/*",), [])]
    assert found.at_least(Severity.ADVICE) == ()
    assert len(found.fired("AC703")) == 1


def test_errors_come_before_warnings_whatever_was_judged_first() -> None:
    fields = {
        PolicyField.HOST: Effective("inner", Source.SET),
        PolicyField.FORWARDED: Effective("passed", Source.SET),
    }
    found = assess(SOCKETS[:1], {"/one": EffectiveRoute("/one", fields)}, [rule("AC505"), rule("AC501")])
    assert [one.rule.id for one in found.findings] == ["AC501", "AC505"]
    assert [one.rule.id for one in found.at_least(Severity.ERROR)] == ["AC501"]
    assert len(found.at_least(Severity.WARNING)) == 2


def test_an_engine_s_words_replace_the_rule_s_where_it_has_any() -> None:
    def fix(of: Rule, route: Route) -> str:
        return f"mend {route.path}" if of.id == "AC501" else ""

    (found,) = assess(SOCKETS, lost("/one"), HOST_AND_ORIGIN, fix=fix).findings
    assert found.fix == "mend /one"
    assert found.consequences[0].fix == rule("AC104").fix


def test_a_likely_value_makes_a_likely_finding_and_one_sure_route_a_sure_one() -> None:
    guess = {PolicyField.HOST: Effective("inner", Source.UNKNOWN, "the version is not known")}
    effective = {path: EffectiveRoute(path, guess) for path in ("/one", "/two")}
    (found,) = assess(SOCKETS, effective, [rule("AC501")]).findings
    assert not found.certain
    assert "the version is not known" in found.evidence[0]
    (found,) = assess(SOCKETS, effective | lost("/two"), [rule("AC501")]).findings
    assert found.certain


def test_routes_of_a_configuration_are_found_by_path() -> None:
    kept = EffectiveRoute("/*", {PolicyField.HOST: Effective(AS_ASKED, Source.SET)})
    routes = EffectiveRoutes([kept, *lost("/two", refused=False).values()])
    found = assess(SOCKETS, routes, [rule("AC501")])
    assert shape(found.findings) == [("AC501", ("/two",), [])]
    assert sum(isinstance(one.verdict, Fired) for one in found.judged) == 1


def test_without_requirements_only_the_site_is_judged() -> None:
    needed: list[Required] = []
    assert {one.path for one in assess(needed, {}).judged} == {"/*"}

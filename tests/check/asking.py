"""Checks as people make them, from inside: what is asked, and what was found."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from antechamber.policy.model import Kind, Policy
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.session import LOGIN, Session
from antechamber.probe.target import Target
from antechamber.rules.finding import Assessment
from tests.engines.apps import PASSWORD
from tests.engines.deployed import policy_of


def named(app: str, *paths: str) -> Policy:
    """The app's policy, with these routes only: what a test is about, and no more waiting than that."""
    policy = policy_of({"to": app})
    return replace(policy, routes=tuple(route for route in policy.routes if route.path in paths))


def sockets_of_the_guide(app: str) -> Policy:
    """The WebSockets that the app's own guide names."""
    policy = policy_of({"to": app})
    return replace(policy, routes=tuple(one for one in policy.routes if one.seed and one.kind is Kind.WEBSOCKET))


def with_login(policy: Policy, app: str) -> Policy:
    """``policy`` and the route that says whether a login is needed."""
    (login,) = (route for route in policy_of({"to": app}).routes if route.name == LOGIN)
    return replace(policy, routes=(*policy.routes, login))


async def ask(
    url: str,
    app: str,
    policy: Policy,
    *,
    token: str = "",
    password: str = PASSWORD,
    hops: Collection[tuple[str, str]] = (),
    direct: bool = True,
) -> Inquiry:
    """An inquiry at its end, signed in with ``password`` if there is one."""
    cookies = [await Session(Target.of(app), policy_of({"to": app})).sign_in(password)] if password else []
    question = Question(
        policy=policy,
        through=Target.of(url).with_lane().carrying(*cookies),
        direct=Target.of(app).with_lane().carrying(*cookies) if direct else None,
        hops=tuple((name, Target.of(place)) for name, place in hops),
        token=token,
    )
    inquiry = Inquiry(question)
    await inquiry.run()
    return inquiry


def roots(assessment: Assessment) -> dict[str, tuple[str, ...]]:
    """The routes of every root finding, by rule."""
    return {finding.rule.id: finding.paths for finding in assessment.findings}


def places(assessment: Assessment) -> dict[str, str]:
    """Where every root finding is said to happen, by rule."""
    return {finding.rule.id: finding.hop for finding in assessment.findings}

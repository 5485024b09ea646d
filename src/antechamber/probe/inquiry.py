"""A whole check: the app by itself first, then every route through the chain, then which hop it is.

Nothing is judged on a first impression: where a rule fires, the route is looked at again, alone and with longer pauses,
and only what fires then counts. Whatever was seen so far can be judged at any time, so an interrupted check still tells
what it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from antechamber.errors import UnreachableError
from antechamber.policy.effective import EffectiveRoute, required
from antechamber.policy.model import Kind, Network, Policy
from antechamber.probe.doubt import is_doubtful
from antechamber.probe.effective import effective_route, not_applicable
from antechamber.probe.effective_site import EVERYTHING, site_facts
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.hops import Guilt, blame
from antechamber.probe.look_plain import echo_of
from antechamber.probe.manner import Manner, strangers_claims
from antechamber.probe.misaddressed import misaddressed
from antechamber.probe.recognise import Software, recognise
from antechamber.probe.seen import Seen, Way
from antechamber.probe.session import Session
from antechamber.probe.site import SiteLook, first_socket, look_at_certificate, look_at_site
from antechamber.probe.survey import Entrance, Survey, warm_up
from antechamber.probe.target import Target
from antechamber.probe.transcript import HttpTranscript
from antechamber.rules.assess import Fix, gather, judge
from antechamber.rules.finding import Assessment, Judged
from antechamber.rules.rule import Required, Severity
from antechamber.rules.verdict import Fired

SECOND_LOOKS = 6
"""At a time: fewer than on the first look."""
SAMPLE = 2
"""Routes of one rule that are looked at again before the others are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be checked, and what may be used for it."""

    policy: Policy
    through: Target
    direct: Target | None = None
    hops: tuple[tuple[str, Target], ...] = ()
    """Where the stations on the way listen, by name, the outermost first."""
    token: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    writes: bool = False
    manner: Manner = field(default_factory=Manner)


@dataclass(slots=True)
class Findings:
    """What is known so far."""

    direct_page: HttpTranscript | None = None
    login_needed: bool = False
    signed_in: bool = False
    observed: bool = False
    """Whether the app, or a witness in front of it, answers probes."""
    site: SiteLook | None = None
    direct_site: SiteLook | None = None
    seen: dict[str, Seen] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    """Routes that were looked at twice."""
    measured: dict[str, EffectiveRoute] = field(default_factory=dict)
    """Time limits that were waited for, by route."""
    guilt: Guilt = field(default_factory=Guilt)
    software: tuple[Software, ...] = ()
    complete: bool = False
    secrets: set[str] = field(default_factory=set, repr=False)


Tell = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is."""


class Inquiry:
    """One run. :meth:`run` fills :attr:`known`; :meth:`assessment` judges it, whenever it is asked."""

    def __init__(self, question: Question, *, tell: Tell = lambda what, done, total: None) -> None:
        self.question = question
        self.known = Findings()
        self.tell = tell
        self._through = question.through
        self._direct = question.direct

    async def run(self) -> None:
        """Look at everything. Raises :class:`UnreachableError` or ``AuthenticationNeededError`` when nothing can be
        judged."""
        manner = await self._prepare()
        terminals: dict[str, str] = {}
        session = Session(self._direct or self._through, self.question.policy)
        if self.question.writes and (self.known.signed_in or not self.known.login_needed):
            terminals = await session.open_terminals()
        try:
            await self._look(replace(manner, fill={**manner.fill, **terminals}))
        finally:
            await session.close_terminals(terminals)
        self.known.complete = True

    def entrance(self) -> tuple[Target, Manner]:
        """The public way in as it was looked through, signed in where that was possible."""
        token = self.question.token if self.known.observed else ""
        return self._through, replace(self.question.manner, token=token)

    def way(self) -> Way:
        """What holds of the public way in."""
        target, policy = self.question.through, self.question.policy
        return Way(
            scheme=target.scheme,
            host=target.host,
            believed=_trusts(policy.trusted_proxies, target.address.host),
            untrusted_fields=policy.untrusted_fields,
            working=frozenset(seen.route.kind for seen in self.known.seen.values() if seen.reaches_app),
            elsewhere=self._leads_elsewhere(),
            reached=any(seen.is_answered for seen in self.known.seen.values() if seen.route.kind is not Kind.WEBSOCKET),
        )

    def _leads_elsewhere(self) -> bool:
        site, straight = self.known.site, self.known.direct_page
        if site is None or site.page is None or straight is None:
            return False
        return site.page.status == 404 and straight.status == 200

    def requirements(self) -> list[Required]:
        """What must hold, on every route that the app at hand has and that was looked at."""
        cdn = any(one.engine == "cloudflare" for one in self.known.software)
        policy = self.question.policy
        return [
            Required(seen.route, required(policy, seen.route, outer_cdn=cdn))
            for seen in self.known.seen.values()
            if not not_applicable(seen)
        ]

    def assessment(self, fix: Fix | None = None) -> Assessment:
        """What the rules say of all that is known, each fault at the hop where it first shows."""
        requirements = self.requirements()
        judged = judge(requirements, self._effective())
        return gather([self.known.guilt.placed(one) for one in judged], requirements, fix=fix)

    async def _prepare(self) -> Manner:
        """The app by itself: is it up, is it to be signed in to, does it answer probes?"""
        question, known = self.question, self.known
        self.tell("is the app up?", 0, 1)
        if self._direct is not None:
            known.direct_page = await self._page(self._direct)
            if wrong := await self._misaddressed(self._direct, known.direct_page):
                raise UnreachableError(f"{self._direct.url} is not the app's own address: {wrong}")
            if known.direct_page.status is None:
                raise UnreachableError(
                    f"the app does not answer directly at {self._direct.url} ({known.direct_page.ending.detail}): "
                    "start or mend the app first, then check its proxy"
                )
        await self._sign_in()
        manner = replace(question.manner, writes=question.writes, token=question.token)
        if question.token:
            known.observed = await self._is_observed(manner)
            manner = manner if known.observed else replace(manner, token="")
        return manner

    async def _sign_in(self) -> None:
        session = Session(self._direct or self._through, self.question.policy)
        self.known.login_needed = await session.needs_login()
        if self.known.login_needed and self.question.password:
            cookie = await session.sign_in(self.question.password)
            self.known.secrets.add(cookie[1].decode("latin-1"))
            self.known.secrets.add(cookie[1].partition(b"=")[2].decode("latin-1"))
            self.known.signed_in = True
            self._through = self._through.carrying(cookie)
            self._direct = self._direct.carrying(cookie) if self._direct is not None else None
        elif not self.known.login_needed:
            self.known.signed_in = any(
                name.lower() in (b"cookie", b"authorization") for name, _ in self._through.fields
            )

    async def _is_observed(self, manner: Manner) -> bool:
        ways = [one for one in (self._direct, self._through) if one is not None]
        looks = await asyncio.gather(*(echo_of("/", way, manner) for way in ways))
        return any(look.echo is not None for look in looks)

    async def _page(self, target: Target) -> HttpTranscript:
        return await fetch(target, Request(target="/"), patience_s=self.question.manner.patience_s)

    async def _misaddressed(self, target: Target, page: HttpTranscript) -> str:
        return await misaddressed(target, page, within_s=self.question.manner.patience_s)

    async def _look(self, manner: Manner) -> None:
        policy = self.question.policy
        stranger = () if self.way().believed else strangers_claims(policy)
        through = Entrance(target=self._through, manner=replace(manner, claims=stranger, turns=manner.turns.another()))
        direct = Entrance(target=self._direct, manner=manner) if self._direct is not None else None
        fault, detail = await look_at_certificate(self._through, patience_s=manner.patience_s)
        if fault is not None:  # a password or a cookie does not go to a server that is not known to be the right one
            self.known.site = SiteLook(fault=fault, fault_detail=detail)
            return
        for entrance in filter(None, (direct, through)):
            await warm_up(entrance)
        page = await self._page(self._through)
        if wrong := await self._misaddressed(self._through, page):
            raise UnreachableError(f"{self._through.url} is not the app's public address: {wrong}")
        if page.status is None:
            raise UnreachableError(f"{self._through.url} does not answer: {page.ending.detail}")
        await asyncio.gather(self._look_at_site(direct, through), self._look_at_routes(direct, through))
        self.known.software = self._recognised()

    async def _look_at_site(self, direct: Entrance | None, through: Entrance) -> None:
        socket = first_socket(self.question.policy.routes)
        straight = look_at_site(direct, socket=socket) if direct is not None else asyncio.sleep(0, None)
        around = look_at_site(through, socket=socket if direct is None else None)
        self.known.direct_site, self.known.site = await asyncio.gather(straight, around)

    async def _look_at_routes(self, direct: Entrance | None, through: Entrance) -> None:
        routes, known = self.question.policy.routes, self.known

        def tell(seen: Seen) -> None:
            known.seen[seen.route.path] = seen
            self.tell(seen.route.path, len(known.seen), len(routes))

        survey = Survey(policy=self.question.policy, direct=direct, through=through, tell=tell)
        await survey.look(routes)
        known.seen = {route.path: known.seen[route.path] for route in routes}
        await self._look_again(survey)
        await self._find_the_hop(survey)

    async def _look_again(self, survey: Survey) -> None:
        """At what seemed wrong in a way that may pass: what does not fire again was an accident.

        A rule that fires on many routes is tried on a few of them, and on the others only where one of those is well
        now: a hop that is silent on twelve routes makes a check wait for the same silence twelve times otherwise.
        """
        doubtful = self._doubtful()
        first = set().union(*(sorted(paths)[:SAMPLE] for paths in doubtful.values()))
        await self._look_again_at(survey, first)
        fires = {(one.rule.id, one.path) for one in self._judged() if _is_fault(one)}
        passing = [rule for rule, paths in doubtful.items() if any((rule, path) not in fires for path in first & paths)]
        await self._look_again_at(survey, set().union(*(doubtful[rule] for rule in passing)) - first)

    def _doubtful(self) -> dict[str, set[str]]:
        """The routes on which a rule fires that may not do so again, by rule."""
        effective, doubtful = self._effective(), dict[str, set[str]]()
        for one in judge(self.requirements(), effective):
            seen = self.known.seen.get(one.path)
            if seen is not None and _is_fault(one) and is_doubtful(one, seen, effective[one.path]):
                doubtful.setdefault(one.rule.id, set()).add(one.path)
        return doubtful

    async def _look_again_at(self, survey: Survey, paths: set[str]) -> None:
        suspects = [seen for path, seen in self.known.seen.items() if path in paths]
        turn, done = asyncio.Semaphore(SECOND_LOOKS), 0

        async def one(seen: Seen) -> None:
            nonlocal done
            async with turn:
                again = await survey.look_again(seen)
            self.known.seen[seen.route.path] = again
            self.known.again.add(seen.route.path)
            done += 1
            self.tell(f"{seen.route.path}, a second look", done, len(suspects))

        async with asyncio.TaskGroup() as group:
            for seen in suspects:
                group.create_task(one(seen))

    async def _find_the_hop(self, survey: Survey) -> None:
        if not self.question.hops:
            self.known.guilt = Guilt(otherwise=self._somewhere())
            return
        fired = [one for one in self._judged() if _is_fault(one)]
        self.known.guilt = await blame(
            fired,
            seen=self.known.seen,
            hops=[(name, self._signed(target)) for name, target in self.question.hops],
            public=self.question.through,
            survey=survey,
            requirements=self.requirements(),
            tell=self.tell,
        )

    def _signed(self, target: Target) -> Target:
        """A hop's target with what the public one carries: a cookie, a field that opens a gate."""
        return target.carrying(*self._through.fields)

    def _somewhere(self) -> str:
        direct = self.question.direct
        return f"between {self.question.through.host} and {direct.host if direct else 'the app'}"

    def _recognised(self) -> tuple[Software, ...]:
        through = [seen.through.real for seen in self.known.seen.values() if seen.through.real is not None]
        straight = [seen.direct.real for seen in self.known.seen.values() if seen.direct and seen.direct.real]
        page = self.known.site.page if self.known.site is not None else None
        return recognise([page, *through] if page is not None else through, straight)

    def _judged(self) -> Sequence[Judged]:
        return judge(self.requirements(), self._effective())

    def _effective(self) -> dict[str, EffectiveRoute]:
        """What holds on every route, the site's own facts on the path of everything."""
        known, way = self.known, self.way()
        effective = {
            path: _merged(effective_route(seen, way), known.measured.get(path)) for path, seen in known.seen.items()
        }
        if known.site is not None:
            site = site_facts(known.site, known.direct_site, way)
            effective[EVERYTHING] = _merged(effective.get(EVERYTHING) or EffectiveRoute(EVERYTHING, {}), site)
        return effective


def _trusts(networks: Sequence[Network], host: str) -> bool:
    """Whether who asks ``host`` from beside it is one of ``networks``: then it may say how it came."""
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _is_fault(judged: Judged) -> bool:
    return isinstance(judged.verdict, Fired) and judged.rule.severity is not Severity.ADVICE


def _merged(route: EffectiveRoute, more: EffectiveRoute | None) -> EffectiveRoute:
    if more is None:
        return route
    return EffectiveRoute(route.path, {**route.fields, **more.fields}, {**route.observations, **more.observations})

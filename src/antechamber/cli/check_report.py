"""What is known at the end of a check, as the values that a report is made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from antechamber import __version__
from antechamber.policy.model import Kind
from antechamber.probe.effective import not_applicable
from antechamber.probe.inquiry import Inquiry
from antechamber.probe.look import Look
from antechamber.probe.seen import Seen
from antechamber.probe.telling import told
from antechamber.report.run import DirectAccess, Hop, Lane, Moment, RouteFacts, Run, Timeline
from antechamber.rules.finding import Assessment


def report_of(inquiry: Inquiry, assessment: Assessment, *, started: datetime, took_s: float, interrupted: bool) -> Run:
    """The report of a run, whole or interrupted."""
    question, known = inquiry.question, inquiry.known
    return Run(
        command="check",
        target=question.through.url,
        assessment=assessment,
        version=__version__,
        profile=question.policy.profile,
        app=question.policy.app,
        started=started,
        took_s=took_s,
        depth=_depth(inquiry),
        direct=_direct(inquiry),
        hops=tuple(_hops(inquiry)),
        routes=tuple(
            RouteFacts(path=seen.route.path, kind=seen.route.kind, not_applicable=not_applicable(seen))
            for seen in known.seen.values()
        ),
        timelines=tuple(line for seen in known.seen.values() if (line := _timeline(seen)) is not None),
        remarks=tuple(_remarks(inquiry, interrupted=interrupted)),
        unlocks=tuple(_unlocks(inquiry)),
        secrets=frozenset(_secrets(inquiry)),
        secret_query_keys=question.policy.secret_query_keys,
    )


def _depth(inquiry: Inquiry) -> str:
    known = inquiry.known
    who = "signed in" if known.signed_in else "as a stranger" if known.login_needed else "no login needed"
    return f"{who}, with an app that answers probes" if known.observed else who


def _direct(inquiry: Inquiry) -> DirectAccess | None:
    direct, page = inquiry.question.direct, inquiry.known.direct_page
    if direct is None:
        return None
    reachable = page is not None and page.status is not None
    return DirectAccess(url=direct.url, reachable=reachable, answered=f"{direct.address}: {told(page)}" if page else "")


def _hops(inquiry: Inquiry) -> Iterator[Hop]:
    question, known = inquiry.question, inquiry.known
    versions = known.site.versions if known.site is not None else ()
    named = {target.address: name for name, target in question.hops}
    software = ", ".join(f"{one.name} (by {one.by})" for one in known.software)
    front = named.get(question.through.address)
    yield Hop(
        name=front or question.through.host,
        url=question.through.url,
        software=software,
        certain=front is not None,
        http_versions=versions,
    )
    for name, target in question.hops:
        if target.address != question.through.address:
            yield Hop(name=name, url=target.url)


def _timeline(seen: Seen) -> Timeline | None:
    if not seen.through.sightings and not (seen.direct and seen.direct.sightings):
        return None
    lanes = [_lane("direct", seen.direct)] if seen.direct is not None else []
    return Timeline(path=seen.route.path, kind=seen.route.kind, lanes=(*lanes, _lane("through", seen.through)))


def _lane(label: str, look: Look) -> Lane:
    count = look.asked.count if look.asked is not None else len(look.sightings)
    came = {sighting.number: sighting for sighting in look.sightings}
    moments = tuple(
        Moment(
            number=number,
            sent_s=came[number].at_s - came[number].lag_s if number in came else None,
            arrived_s=came[number].at_s if number in came else None,
        )
        for number in range(1, count + 1)
    )
    stream = look.stream
    return Lane(
        label=label,
        head_s=stream.head_s if stream else None,
        moments=moments,
        end_s=stream.ending.at_s if stream else 0.0,
        end=stream.ending.end.value if stream else "not reached",
    )


def _remarks(inquiry: Inquiry, *, interrupted: bool) -> Iterator[str]:
    question, known = inquiry.question, inquiry.known
    if interrupted:
        yield f"Interrupted: {len(known.seen)} of {len(question.policy.routes)} routes were looked at."
    if known.site is not None and known.site.fault is not None:
        yield "Nothing was sent to a server whose certificate is not believed: routes were not looked at."
    if question.direct is not None and known.complete and not any(one.engine == "cloudflare" for one in known.software):
        yield "No CDN answered: if the public name leads through one elsewhere, this was tested without it."
    if question.token and not known.observed:
        yield "Nobody answers probes with that token, neither directly nor through the chain."
    for name, why in known.guilt.unasked.items():
        yield f"{name} could not be asked, so what it does is not told apart from the station before it: {why}."
    if known.again:
        yield f"Looked at twice, the second time more slowly: {', '.join(sorted(known.again))}."


def _unlocks(inquiry: Inquiry) -> Iterator[str]:
    question, known = inquiry.question, inquiry.known
    if question.direct is None:
        yield "--direct URL, the app's own address: then what differs is known to be the proxy's."
    if known.login_needed and not known.signed_in:
        yield "--password or --cookie: sockets and streams behind the login."
    if not known.observed:
        yield (
            "A witness in front of the app (antechamber witness) and its --probe-token: which headers arrive, how late "
            "each event is, whether uploads are passed on as they come."
        )
        if not question.writes:
            yield "--allow-writes: sockets that need a terminal, opened for the check; limits on bodies."
    if not known.measured and any(route.kind in (Kind.SSE, Kind.WEBSOCKET) for route in question.policy.routes):
        yield "--patience 15m: time limits, waited for."


def _secrets(inquiry: Inquiry) -> Iterator[str]:
    question = inquiry.question
    yield from inquiry.known.secrets
    yield from (one for one in (question.password, question.token) if one)
    for name, value in question.through.fields:
        text = value.decode("utf-8", "replace")
        yield text
        if name.lower() == b"cookie":
            yield from (pair.partition("=")[2] for pair in text.split("; "))

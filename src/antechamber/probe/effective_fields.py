"""What an echo shows: which fields reached the app, and whether it was the proxies who said them."""

from __future__ import annotations

from antechamber.policy.effective import (
    AS_ASKED,
    AS_SEEN,
    AS_SENT,
    DROPPED,
    MISSING,
    PORT_DROPPED,
    PolicyField,
)
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.probe.facts import Facts
from antechamber.probe.look import Look
from antechamber.probe.manner import (
    FRESH_QUERY,
    MARKER_COOKIE,
    MARKER_EVENT_ID,
    MARKER_QUERY,
    STRANGER,
    STRANGER_HOST,
    STRANGER_SCHEME,
)
from antechamber.probe.observed import Echo
from antechamber.probe.seen import Seen, Way

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_FIELDS = (
    PolicyField.HOST,
    PolicyField.CLIENT_ADDRESS,
    PolicyField.FORWARDED_PROTO,
    PolicyField.FORWARDED_HOST,
    PolicyField.FORWARDED,
    PolicyField.LOOK_ALIKES,
)
_TRUSTED = "this machine is one that the policy trusts: what it says of itself may pass"


def field_facts(seen: Seen, way: Way, facts: Facts) -> None:
    """What arrived of a request on this route. Without an echo only a lost cookie can show."""
    echo = seen.through.echo
    if echo is None:
        _cookie_by_answer(seen, facts)
        facts.unknown(*_FIELDS, because=_why_not(seen))
        return
    _host(echo, way, facts)
    _client(echo, way, facts)
    _told(echo, "x-forwarded-proto", PolicyField.FORWARDED_PROTO, way.scheme, STRANGER_SCHEME, facts)
    _told(echo, "x-forwarded-host", PolicyField.FORWARDED_HOST, way.host, STRANGER_HOST, facts)
    if way.believed:
        facts.unknown(PolicyField.FORWARDED, PolicyField.LOOK_ALIKES, because=_TRUSTED)
        facts.unseen(Observation.FORGED, because=_TRUSTED)
    else:
        _strangers_words(echo, way, facts)
    _markers(seen, echo, facts)


def _why_not(seen: Seen) -> str:
    answer = seen.through.echo_answer
    if answer is not None and answer.status not in (None, 200, 101):
        return f"the request of the probe was answered {answer.status} on its way"
    return (
        "which fields reach the app is seen only there: by a witness in front of it, or by an app that answers probes"
    )


def _host(echo: Echo, way: Way, facts: Facts) -> None:
    arrived = echo.fields.get("host", "")
    facts.holds(PolicyField.HOST, _compared(arrived, way.host, AS_ASKED), f"Host: {arrived or 'none'}")


def _compared(arrived: str, wanted: str, word: str) -> str:
    if arrived == wanted:
        return word
    return PORT_DROPPED if arrived and wanted.rpartition(":")[0] == arrived else arrived or MISSING


def _client(echo: Echo, way: Way, facts: Facts) -> None:
    arrived = echo.fields.get("x-forwarded-for", "")
    evidence = f"X-Forwarded-For: {arrived or 'none'}"
    real_ip = echo.fields.get("x-real-ip", "")
    if way.believed and way.client:
        first = arrived.partition(",")[0].strip()
        facts.saw(Observation.CHAIN, first == way.client, f"{evidence}; {way.client} was told")
        facts.holds(PolicyField.CLIENT_ADDRESS, AS_SEEN if first == way.client else arrived or MISSING, evidence)
        if real_ip:
            facts.saw(Observation.REAL_IP, real_ip in (way.client, first), f"X-Real-IP: {real_ip}")
        return
    facts.unseen(Observation.CHAIN, because="no outer proxy told an address that could be lost")
    if not arrived:
        facts.holds(PolicyField.CLIENT_ADDRESS, MISSING, evidence)
    elif arrived == STRANGER:
        facts.holds(PolicyField.CLIENT_ADDRESS, AS_SENT, f"{evidence}, as a stranger sent it")
    elif STRANGER in arrived:
        facts.holds(PolicyField.CLIENT_ADDRESS, arrived, f"a stranger sent {STRANGER}")
    else:
        facts.holds(PolicyField.CLIENT_ADDRESS, AS_SEEN, evidence)
        first = arrived.partition(",")[0].strip()
        if real_ip:
            facts.saw(Observation.REAL_IP, real_ip == first, f"X-Real-IP: {real_ip}, X-Forwarded-For: {arrived}")
    facts.unseen(Observation.REAL_IP, because="X-Real-IP does not arrive, or a stranger's does")


def _told(echo: Echo, name: str, field: PolicyField, wanted: str, stranger: str, facts: Facts) -> None:
    arrived = echo.fields.get(name, "")
    evidence = f"{name.title()}: {arrived or 'none'}"
    if arrived == stranger:
        facts.holds(field, AS_SENT, f"{evidence}, as a stranger sent it")
    else:
        facts.holds(field, _compared(arrived, wanted, AS_SEEN), evidence)


def _strangers_words(echo: Echo, way: Way, facts: Facts) -> None:
    """What a stranger said that reached the app, by name."""
    forged = [name for name in _FORWARDED if _is_strangers(echo.fields.get(name, ""))]
    evidence = f"with what was sent arrived: {', '.join(forged)}" if forged else ""
    facts.saw(Observation.FORGED, ",".join(forged), evidence or "none of it arrived")
    passed = "forwarded" in forged
    facts.holds(
        PolicyField.FORWARDED, AS_SENT if passed else DROPPED, evidence if passed else "what a stranger sent is gone"
    )
    kept_out = sorted(name for name in way.untrusted_fields if echo.fields.get(name) != STRANGER)
    through = sorted(set(way.untrusted_fields) - set(kept_out))
    facts.holds(PolicyField.LOOK_ALIKES, ",".join(kept_out), f"{', '.join(through) or 'none of them'} arrived")


def _is_strangers(value: str) -> bool:
    return STRANGER in value or STRANGER_HOST in value or value == STRANGER_SCHEME


def _markers(seen: Seen, echo: Echo, facts: Facts) -> None:
    """What was sent along on purpose: a cookie, a query, the id of a last event. Sockets carry none of the last two."""
    if seen.route.kind is Kind.WEBSOCKET:
        return
    cookie = f"{MARKER_COOKIE}=" in echo.fields.get("cookie", "")
    own = "a cookie of our own " + ("arrived" if cookie else "did not arrive")
    if cookie and _sets_a_cookie(seen.direct) and not _sets_a_cookie(seen.through):
        facts.saw(Observation.COOKIES, False, "a cookie that the app set did not come")
    elif cookie and _sets_a_cookie(seen.through):
        facts.saw(Observation.COOKIES, True, f"{own}, and one that the app set came")
    else:
        facts.saw(Observation.COOKIES, cookie, own)
    query = echo.target.partition("?")[2]
    marker, _, fresh = query.partition(f"&{FRESH_QUERY}")
    kept = marker == MARKER_QUERY and bool(fresh)
    facts.saw(Observation.QUERY, kept, f"sent {MARKER_QUERY}, arrived {marker or 'nothing'}")
    if seen.route.kind is Kind.SSE:
        arrived = echo.fields.get("last-event-id") == MARKER_EVENT_ID
        facts.saw(Observation.LAST_EVENT_ID, arrived, "it arrived" if arrived else "it did not arrive")


def _sets_a_cookie(look: Look | None) -> bool:
    """Whether the cookie came that an echo sets."""
    answer = look.echo_answer if look is not None else None
    return answer is not None and answer.field(b"set-cookie") is not None


def _cookie_by_answer(seen: Seen, facts: Facts) -> None:
    """Signed in directly and a stranger through the chain, with the same cookie: it was lost."""
    direct, through = seen.direct.real if seen.direct else None, seen.through.real
    if direct is None or through is None or direct.status is None or direct.status >= 400:
        return
    if through.status == 401 and not through.field(b"www-authenticate"):
        facts.saw(Observation.COOKIES, False, "401, and directly the same cookie is taken", certain=False)

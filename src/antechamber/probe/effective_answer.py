"""What an ordinary answer shows: who made it, who compressed it, whether it came out of a cache, where it leads."""

from __future__ import annotations

from urllib.parse import urlsplit

from antechamber.policy.effective import APP_ONLY, PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.probe.decoding import Decoded, decode, looks_coded
from antechamber.probe.effective_cache import cache_facts
from antechamber.probe.facts import Facts
from antechamber.probe.seen import Seen, Way, is_event_stream, is_html
from antechamber.probe.telling import CHALLENGE, LOGIN_FORM, author_of, coding_of, told, with_author
from antechamber.probe.transcript import End, HttpTranscript

_GATEWAY = (502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530)


def answer_facts(seen: Seen, way: Way, facts: Facts) -> None:
    """Everything that the answer on a route shows."""
    real = seen.through.real
    _who(seen, way, facts)
    if real is None or real.status is None:
        because = "nothing was asked of the app here" if real is None else "nothing answered"
        facts.unseen(*_CONTENT, because=because)
        facts.unknown(PolicyField.COMPRESSION, PolicyField.CACHE, because=because)
        return
    _redirect(seen, real, way, facts)
    _compression(seen, real, facts)
    cache_facts(seen, real, facts)


_CONTENT = (
    Observation.REDIRECTS,
    Observation.CODINGS,
    Observation.CONTENT,
    Observation.COMPRESSOR,
    Observation.FROM_CACHE,
    Observation.FRESHNESS,
    Observation.CACHE_CONTROL,
    Observation.TRANSFORMED,
)


def _who(seen: Seen, way: Way, facts: Facts) -> None:
    """Whether the app answers, or something that stands in its place. What it says directly, it may say here."""
    real, direct = seen.through.real, seen.direct.real if seen.direct else None
    if real is None:
        answered = seen.through.echo is not None
        because = "the app itself was not asked"
        if answered:
            facts.saw(Observation.ANSWER, "app", "the probe was answered")
        else:
            facts.unseen(Observation.ANSWER, because=because)
        return
    value = _kind_of(seen.route.kind, real)
    if way.elsewhere and real.status == 404 and direct is not None and direct.status not in (404, None):
        value = "elsewhere"
    if value == "nothing" and seen.is_answered:  # in place: then the app is reached, and what does not come is held
        facts.unseen(Observation.ANSWER, because=f"the app's own answer was held: {told(real)}")
        return
    if value == "nothing" and seen.route.kind.live and way.reached:  # what is lost or held, other rules say
        facts.unseen(Observation.ANSWER, because=f"other requests are answered, this one is not: {told(real)}")
        return
    if direct is not None and value != "app" and _kind_of(seen.route.kind, direct) == value:
        facts.unseen(Observation.ANSWER, because=f"directly the answer is the same: {told(direct)}")
        return
    same = direct is not None and (real.status, real.media_type) == (direct.status, direct.media_type)
    if value == "html" and (same or seen.route.kind in (Kind.PAGE, Kind.API, Kind.UPLOAD)):
        value = "app"
    directly = f"; directly {told(direct)}" if direct is not None and not same else ""
    facts.saw(Observation.ANSWER, value, with_author(real) + directly, certain=value == "app" or direct is not None)


def _kind_of(kind: Kind, answer: HttpTranscript) -> str:
    """What answers, by the answer alone."""
    if answer.status is None:
        return "nothing"
    if answer.status == 101 or is_event_stream(answer):
        return "app"
    if answer.status == 401 and answer.field(b"www-authenticate"):
        return "login"  # apps with a page sign in by that page: a browser's own dialogue is a gate's
    if answer.status in _GATEWAY and (author_of(answer) or is_html(answer) or not answer.media_type):
        return "gateway error"
    if 300 <= answer.status < 400 and answer.status != 304 and kind.live:
        return "redirect"  # proxies send a page along, for clients that do not follow it
    if is_html(answer):
        if answer.field(b"cf-mitigated") or CHALLENGE.search(answer.body[:65536]):
            return "challenge"
        if kind.live:
            return "login" if LOGIN_FORM.search(answer.body[:65536]) else "html"
        return "html"
    return "app"


def _redirect(seen: Seen, real: HttpTranscript, way: Way, facts: Facts) -> None:
    """Where the app's own redirect leads the client."""
    location = _location(real)
    if not location:
        _redirect_in_place(seen, way, facts)
        return
    leads = urlsplit(location)
    inner = {_host(look.field(b"location")) for look in (seen.direct.real,) if look} if seen.direct else set()
    if not leads.netloc or leads.netloc == way.host:
        astray = bool(leads.netloc) and leads.scheme == "http" and way.scheme == "https"
        facts.saw(Observation.REDIRECTS, "http" if astray else "public", f"Location: {location}")
    elif leads.netloc in inner:
        facts.saw(Observation.REDIRECTS, "inner", f"Location: {location}")
    else:
        facts.unseen(Observation.REDIRECTS, because=f"it leads elsewhere: {location}")


def _redirect_in_place(seen: Seen, way: Way, facts: Facts) -> None:
    """Where a redirect leads that was a path when the surface sent it: whoever makes an address of it names one."""
    sent = seen.direct.redirect if seen.direct is not None else None
    location = _location(seen.through.redirect) if seen.through.redirect is not None else ""
    leads = urlsplit(location)
    if not location or (sent is not None and urlsplit(_location(sent)).netloc):
        facts.unseen(Observation.REDIRECTS, because="the app redirected nowhere")
    elif leads.netloc and leads.netloc != way.host:
        facts.saw(Observation.REDIRECTS, "inner", f"a path was sent, Location: {location} came")
    elif leads.netloc and leads.scheme == "http" and way.scheme == "https":
        facts.saw(Observation.REDIRECTS, "http", f"a path was sent, Location: {location} came")
    else:
        facts.saw(Observation.REDIRECTS, "public", f"Location: {location}")


def _location(answer: HttpTranscript) -> str:
    """Where a redirect leads; empty if it is none."""
    redirects = answer.status is not None and 300 <= answer.status < 400
    return (answer.field(b"location") or b"").decode("latin-1") if redirects else ""


def _host(location: bytes | None) -> str:
    return urlsplit((location or b"").decode("latin-1")).netloc


def _compression(seen: Seen, real: HttpTranscript, facts: Facts) -> None:
    coding, direct = coding_of(real), seen.direct.real if seen.direct else None
    layers = len(coding.split(", ")) if coding else 0
    decoded, body = decode(coding, real.body, whole=real.ending.end is End.COMPLETE)
    if decoded is Decoded.INTACT and coding and looks_coded(body) and not _is_archive(real):
        layers += 1
    said = f"Content-Encoding: {coding or 'none'}"
    if real.body and not is_event_stream(real):
        match decoded:
            case Decoded.INTACT:
                facts.saw(Observation.CONTENT, "intact", said)
            case Decoded.GARBLED:
                _mislabelled(f"{said}, and the octets are not of it", facts)
                return
            case Decoded.UNKNOWN:
                facts.unseen(Observation.CONTENT, because=f"nobody here can undo {coding}")
        facts.saw(Observation.CODINGS, layers, said)
    facts.unseen(Observation.CODINGS, Observation.CONTENT, because="the answer has no content")
    if direct is None or direct.status != real.status:
        facts.unseen(Observation.COMPRESSOR, Observation.TRANSFORMED, because="there is nothing to compare it with")
        facts.unknown(PolicyField.COMPRESSION, because="without direct access nobody knows who compressed it")
        return
    _compressor(real, direct, facts)


def _mislabelled(evidence: str, facts: Facts) -> None:
    """A label that is not true says nothing of who compressed what, or whether anybody did."""
    facts.saw(Observation.CONTENT, "garbled", evidence)
    facts.unseen(Observation.CODINGS, Observation.COMPRESSOR, Observation.TRANSFORMED, because=evidence)
    facts.unknown(PolicyField.COMPRESSION, because=evidence)


def _is_archive(answer: HttpTranscript) -> bool:
    return "gzip" in answer.media_type or "zstd" in answer.media_type


def _compressor(real: HttpTranscript, direct: HttpTranscript, facts: Facts) -> None:
    coding, straight = coding_of(real), coding_of(direct)
    evidence = f"Content-Encoding: {coding or 'none'}, directly {straight or 'none'}"
    if coding and straight and coding != straight:
        because = f"{evidence}: a hop may have recoded it, or asked the app for another coding"
        facts.unseen(Observation.COMPRESSOR, because=because)
        facts.unknown(PolicyField.COMPRESSION, because=because)
    elif coding and not straight:
        facts.saw(Observation.COMPRESSOR, "outer", evidence)
        facts.holds(PolicyField.COMPRESSION, "outer", evidence)
    elif not coding and not straight and len(real.body) < 1024:
        facts.saw(Observation.COMPRESSOR, "none", evidence)
        facts.unknown(PolicyField.COMPRESSION, because="the answer is too small for anybody to compress it")
    else:
        facts.saw(Observation.COMPRESSOR, "app" if coding else "none", evidence)
        facts.holds(PolicyField.COMPRESSION, APP_ONLY, evidence)
    if b"no-transform" in (direct.field(b"cache-control") or b""):
        facts.saw(Observation.TRANSFORMED, coding != straight, evidence)
    facts.unseen(Observation.TRANSFORMED, because="the app does not say no-transform here")

"""What looks at a site show: on the path ``/*``, counting everywhere."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import ACCEPTED, REFUSED, Observation
from antechamber.probe.facts import Facts
from antechamber.probe.seen import Way
from antechamber.probe.site import SiteLook
from antechamber.probe.telling import told, with_author

EVERYTHING = "/*"
QUICK_TUNNELS = (".trycloudflare.com",)
"""Names under which Cloudflare gives tunnels away that carry no event streams (its own documentation)."""
CLOUDFLARE_FREE_BYTES = 100 * 1000 * 1000
"""What the free and pro plans take in one request."""


def site_facts(through: SiteLook, direct: SiteLook | None, way: Way) -> EffectiveRoute:
    """The observations of a site."""
    facts = Facts(EVERYTHING)
    _tls(through, way, facts)
    _versions(through, facts)
    _redirects(through, direct, way, facts)
    _heads(through, direct, facts)
    _foreign(through, direct, facts)
    host = way.host.partition(":")[0]
    facts.saw(Observation.QUICK_TUNNEL, host.endswith(QUICK_TUNNELS), way.host)
    _plan(through, facts)
    return facts.route()


def _tls(look: SiteLook, way: Way, facts: Facts) -> None:
    if way.scheme != "https":
        facts.saw(Observation.TLS, "none", "plain http")
    elif look.fault is not None:
        facts.saw(Observation.TLS, look.fault.value, look.fault_detail)
    elif look.page is not None and look.page.status is not None:
        facts.saw(Observation.TLS, "sound", "the certificate is believed")
    else:
        facts.unseen(Observation.TLS, because="no TLS connection came about")


def _versions(look: SiteLook, facts: Facts) -> None:
    if look.versions:
        facts.saw(Observation.HTTP_VERSIONS, ",".join(look.versions), "each was asked for by itself")
    else:
        facts.unseen(Observation.HTTP_VERSIONS, because="nothing answered")


def _redirects(look: SiteLook, direct: SiteLook | None, way: Way, facts: Facts) -> None:
    if look.page is None or look.page.status is None:
        facts.unseen(Observation.REDIRECT_LOOP, Observation.HSTS, because="the page did not answer")
    elif not (direct is not None and direct.loops):
        facts.saw(Observation.REDIRECT_LOOP, look.loops, " → ".join(look.redirects))
    if way.scheme != "https" or look.page is None:
        facts.unseen(Observation.HSTS, because="it means nothing over plain http")
    else:
        said = look.page.field(b"strict-transport-security")
        facts.saw(Observation.HSTS, said is not None, (said or b"").decode("latin-1"))
    if look.plain is None:
        facts.unseen(Observation.HTTP_REDIRECTED, because="there is no plain http beside it to ask, or it is closed")
    else:
        location = (look.plain.field(b"location") or b"").decode("latin-1")
        facts.saw(
            Observation.HTTP_REDIRECTED, location.startswith("https://"), f"{told(look.plain)} {location}".rstrip()
        )


def _heads(look: SiteLook, direct: SiteLook | None, facts: Facts) -> None:
    straight = direct.refused_head_bytes if direct is not None else 0
    if look.refused_head_bytes is None:
        facts.unseen(Observation.HEADER_BLOCK_BYTES, because="the page did not answer")
    elif look.refused_head_bytes and straight:
        facts.unseen(Observation.HEADER_BLOCK_BYTES, because="the app itself refuses it")
    else:
        evidence = with_author(look.refused_head) if look.refused_head else "up to 14 KiB is taken"
        facts.saw(Observation.HEADER_BLOCK_BYTES, look.refused_head_bytes, evidence)


def _foreign(look: SiteLook, direct: SiteLook | None, facts: Facts) -> None:
    """The control: is an origin that cannot be right refused? Asked of the app itself, where that can be."""
    asked = direct.foreign if direct is not None and direct.foreign is not None else look.foreign
    where = "directly" if direct is not None and direct.foreign is not None else "through the chain"
    if asked is None or asked.status is None:
        facts.unseen(Observation.FOREIGN_ORIGIN, because="no socket could be asked as a foreign page")
    elif asked.status == 101:
        facts.saw(Observation.FOREIGN_ORIGIN, ACCEPTED, f"{where}: 101 for a page of nobody")
    elif asked.status == 403:
        facts.saw(Observation.FOREIGN_ORIGIN, REFUSED, f"{where}: 403 for a page of nobody")
    else:
        facts.unseen(Observation.FOREIGN_ORIGIN, because=f"{where} a foreign page is answered {told(asked)}")


def _plan(look: SiteLook, facts: Facts) -> None:
    page = look.page
    if page is None or page.status is None:
        facts.unseen(Observation.PLAN_BODY_BYTES, because="the page did not answer")
    elif page.field(b"cf-ray") is not None:
        evidence = "Cloudflare answers; its free and pro plans take 100 MB"
        facts.saw(Observation.PLAN_BODY_BYTES, CLOUDFLARE_FREE_BYTES, evidence, certain=False)
    else:
        facts.saw(Observation.PLAN_BODY_BYTES, 0, "none is recognised")

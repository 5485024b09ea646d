"""What concerns a whole site: its TLS, its versions of HTTP, redirects, the size of a request's head.

A few requests for the page and nothing else; what they changed nothing by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from antechamber.net.certificate import CertificateFault, chain_sent, fault_of
from antechamber.net.stream import CertificateError, StreamError
from antechamber.policy.model import Address, Kind, Route
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.look import path_of
from antechamber.probe.look_plain import ACCEPT_ENCODING
from antechamber.probe.sockets import converse
from antechamber.probe.survey import Entrance
from antechamber.probe.target import BROWSER_VERSIONS, Target
from antechamber.probe.transcript import HttpTranscript

HEAD_BYTES = (7 * 1024, 14 * 1024)
"""Blocks of header fields that are tried: Node takes 16 KiB, nginx 8 KiB in one field."""
REDIRECTS = 6
FOREIGN_PAGE = "https://antechamber-stranger.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLook:
    """What was seen of the site by one way in."""

    fault: CertificateFault | None = None
    fault_detail: str = ""
    page: HttpTranscript | None = None
    versions: tuple[str, ...] = ()
    plain: HttpTranscript | None = None
    """The answer of port 80, asked for the same page in plain http."""
    redirects: tuple[str, ...] = ()
    """Where the page's redirects led, one after the other."""
    loops: bool = False
    refused_head_bytes: int | None = None
    """The size of a request's head that was refused; 0 if none was."""
    refused_head: HttpTranscript | None = None
    foreign: HttpTranscript | None = None
    """The answer to a handshake from a foreign page."""


async def look_at_site(entrance: Entrance, *, socket: Route | None = None) -> SiteLook:
    """Look at the page of a way in. ``socket`` is a WebSocket's route to ask as a foreign page would."""
    target, patience_s = entrance.target, entrance.manner.patience_s
    asking = Request(target="/", fields=(ACCEPT_ENCODING,))
    page = await fetch(target, asking, patience_s=patience_s)
    redirects, loops = await _follow(target, page, patience_s)
    size, refused = await _climb_head(target, patience_s) if page.status is not None else (None, None)
    return SiteLook(
        page=page,
        versions=await _versions(target, page, patience_s),
        plain=await _plain(target, patience_s),
        redirects=redirects,
        loops=loops,
        refused_head_bytes=size,
        refused_head=refused,
        foreign=await _foreign(entrance, socket) if socket is not None else None,
    )


async def look_at_certificate(target: Target, *, patience_s: float) -> tuple[CertificateFault | None, str]:
    """What is wrong with the certificate, if anything, and the words for it."""
    try:
        stream = await target.open(within_s=patience_s)
    except CertificateError as error:
        sent = await chain_sent(target.address, server_name=target.address.host, within_s=patience_s)
        count = f"; it sends {sent.certificates} certificate{'s' * (sent.certificates > 1)}" if sent else ""
        return fault_of(error, sent), error.detail.removeprefix("TLS failed: ").rstrip(".") + count
    except StreamError:
        return None, ""
    await stream.close()
    return None, ""


async def _versions(target: Target, page: HttpTranscript, patience_s: float) -> tuple[str, ...]:
    """What is spoken; each version was asked for by itself."""
    if target.tls is None:
        return (page.version,) if page.status is not None else ()
    spoken = []
    for version in BROWSER_VERSIONS:
        answer = await fetch(target.speaking(version), Request(target="/", method="HEAD"), patience_s=patience_s)
        if answer.status is not None and answer.version == version:
            spoken.append(version)
    return tuple(spoken)


async def _plain(target: Target, patience_s: float) -> HttpTranscript | None:
    """Port 80 of a site on 443; nobody says where another port's plain brother would be."""
    if target.scheme != "https" or target.address.port != 443:
        return None
    address = Address(host=target.address.host, port=80)
    plain = replace(target, address=address, scheme="http", tls=None, lane=None, fields=())
    answer = await fetch(plain, Request(target="/"), patience_s=min(patience_s, 3.0))
    return answer if answer.status is not None else None


async def _follow(target: Target, page: HttpTranscript, patience_s: float) -> tuple[tuple[str, ...], bool]:
    """Follow the page's redirects on this site, until they end or come back to where they were."""
    url, answer = f"{target.url}/", page
    places: list[str] = []
    while len(places) < REDIRECTS and (leads := answer.leads_to(url)):
        url = leads
        if url in places or url == f"{target.url}/":
            return (*places, url), True
        places.append(url)
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != (target.scheme, target.host):
            break
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        answer = await fetch(target, Request(target=path), patience_s=patience_s)
    return tuple(places), len(places) >= REDIRECTS


async def _climb_head(target: Target, patience_s: float) -> tuple[int, HttpTranscript | None]:
    for size in HEAD_BYTES:
        cookies = tuple((b"X-Antechamber-%d" % part, b"h" * 1000) for part in range(size // 1024))
        answer = await fetch(target, Request(target="/", fields=cookies), patience_s=patience_s)
        if answer.status in (400, 414, 431, 494) or answer.status is None:
            return size, answer
    return 0, None


async def _foreign(entrance: Entrance, socket: Route) -> HttpTranscript:
    """A handshake as a page of somebody else's would make it."""
    target = replace(entrance.target, page=FOREIGN_PAGE)
    patience_s = entrance.manner.patience_s
    asking = Request(target=path_of(socket, entrance.manner.fill))
    seen = await converse(target, asking, enough=bool, patience_s=patience_s, total_s=patience_s)
    return seen.http


def first_socket(routes: tuple[Route, ...]) -> Route | None:
    """The socket to try a foreign page on."""
    return next((route for route in routes if route.kind is Kind.WEBSOCKET), None)

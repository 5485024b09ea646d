"""An address with the wrong scheme: http where only https is served, or the other way round. No route is judged there,
since what answers is not the app: a proxy's "plain HTTP request was sent to HTTPS port", or its redirect."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from antechamber.net.certificate import chain_sent
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, HttpTranscript


async def misaddressed(target: Target, page: HttpTranscript, *, within_s: float) -> str:
    """What is wrong with the scheme of ``target``, whose page was answered by ``page``, and what to write instead.
    Empty if nothing is; a server that is silent or not there is not asked once more."""
    if page.ending.end in (End.SILENT, End.UNREACHABLE) and target.scheme == "http":
        return ""
    if target.scheme == "http":
        return _led_to_https(target, page) or await _speaks_tls(target, page, within_s=within_s)
    return await _speaks_plainly(target, page, within_s=within_s)


def _led_to_https(target: Target, page: HttpTranscript) -> str:
    """The page itself is a redirect to the same name in https, as "Force SSL" makes it."""
    leads = urlsplit(page.leads_to(f"{target.url}/"))
    if leads.scheme != "https" or leads.hostname != target.address.host:
        return ""
    return f"it leads to https: check https://{leads.netloc}"


async def _speaks_tls(target: Target, page: HttpTranscript, *, within_s: float) -> str:
    """Proxies answer 400 to plain octets on a port of TLS, or close."""
    if page.status not in (None, 400):
        return ""
    sent = await chain_sent(target.address, server_name=target.address.host, within_s=within_s)
    return f"it speaks TLS: check https://{target.host}" if sent is not None else ""


async def _speaks_plainly(target: Target, page: HttpTranscript, *, within_s: float) -> str:
    if page.status is not None:
        return ""
    plain = replace(target, scheme="http", tls=None, lane=None, fields=())
    answer = await fetch(plain, Request(target="/"), patience_s=within_s)
    if answer.status is None or await _speaks_tls(plain, answer, within_s=within_s):
        return ""  # it speaks TLS, and the handshake failed for a reason of its own
    return f"it speaks plain http: check http://{target.host}"

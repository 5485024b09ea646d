"""What is between a browser and its app alone, and must arrive: cookies, the query, the place in an event stream."""

from __future__ import annotations

import re
from dataclasses import replace

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint import asked
from antechamber.lint.asked import Asking
from antechamber.lint.nginx.forwarding import Forwarding
from antechamber.lint.nginx.quantities import octets
from antechamber.lint.nginx.scopes import Found, Hidden
from antechamber.lint.nginx.values import Spot, set_to
from antechamber.lint.reading import unknown
from antechamber.policy.effective import Effective, Source
from antechamber.policy.observation import Observation

_VARIABLE = re.compile(r"\$\{?(\w+)")
_PATHS = frozenset({"uri", "document_uri"})
_QUERIES = frozenset({"args", "query_string", "request_uri"})
_LINE_BYTES = 8 * 1024
"""A field that fits nginx's own default (large_client_header_buffers 4 8k) must pass."""


def carried(spot: Spot, asking: Asking, proxy_pass: Directive, forwarding: Forwarding) -> dict[Observation, Effective]:
    """What arrives of it, at the app and back."""
    seen = {
        Observation.COOKIES: _taken_back(spot) or _sent(forwarding, asking, "Cookie"),
        Observation.LAST_EVENT_ID: _sent(forwarding, asking, "Last-Event-ID"),
        Observation.QUERY: _query(spot, proxy_pass),
    }
    small = spot.scopes.find("large_client_header_buffers")
    if isinstance(small, Found):
        seen[Observation.HEADER_BLOCK_BYTES] = _header_block(small)
    ignored = spot.scopes.find("proxy_ignore_client_abort")
    if isinstance(ignored, Found):
        seen[Observation.DEPARTURE] = set_to(ignored.last.arguments != ("on",), ignored)
    return seen


def _sent(forwarding: Forwarding, asking: Asking, name: str) -> Effective:
    sent = forwarding.sent(name, asking=replace(asking, fields={**asking.fields, **asked.CARRIED}))
    return replace(sent.effective, value=asked.arrived(name.lower(), sent.text))


def _taken_back(spot: Spot) -> Effective | None:
    """``Set-Cookie`` of the app, where it is hidden."""
    match spot.scopes.find("proxy_hide_header"):
        case Found() as found:
            hidden = [one for one in found.directives if one.arguments and one.arguments[0].lower() == "set-cookie"]
            return set_to(False, found, hidden[0]) if hidden else None
        case Hidden() as hidden_from_us:
            return unknown(hidden_from_us.because, hidden_from_us.place)
        case None:
            return None


def _query(spot: Spot, proxy_pass: Directive) -> Effective:
    """A proxy_pass with variables in its path is taken as it stands: the query goes up only if it names it."""
    word = proxy_pass.arguments[0] if proxy_pass.arguments else ""
    names = set(_VARIABLE.findall(word))
    if names & _PATHS and not names & _QUERIES:
        return Effective(False, Source.SET, "proxy_pass names the path, and not the query", proxy_pass.place)
    for rewrite in (one for level in spot.scopes.levels for one in level.all("rewrite")):
        if rewrite.words[2:3] and rewrite.words[2].endswith("?"):
            return unknown("a rewrite takes the query off some paths", rewrite.place)
    return Effective(True, Source.DEFAULT, "", proxy_pass.place)


def _header_block(found: Found) -> Effective:
    size = octets(found.last.arguments[-1]) if found.last.arguments else None
    if size is None:
        return unknown("large_client_header_buffers is not understood", found.last.place)
    return set_to(size if size < _LINE_BYTES else 0, found)

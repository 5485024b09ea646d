"""Who the client is, and what the app is told about it (RFC 7239; ``X-Forwarded-*`` by convention).

One rule: nobody is believed but a trusted proxy. What others claim is dropped and written anew from what the edge saw
itself. From a trusted proxy the address chain is walked from the right, and the first address that is not trusted is
the client; what stands left of it was written by the client and goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from antechamber.protocol.http1 import Field, is_host

IpAddress = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_CHAIN = 64
"""Addresses of a chain that are looked at; nobody has more proxies than that."""

_PROTO = {b"https": b"https", b"http": b"http", b"wss": b"https", b"ws": b"http"}
"""Traefik sends ``wss`` on upgrades; apps that compare origins expect ``https``."""

_PORT = r":(?:[0-9]{1,5}|_[A-Za-z0-9._-]++)"
_NODE = re.compile(rf"\[([^\[\]]++)\](?:{_PORT})?|([^:\[\]]++){_PORT}")
"""An IPv6 address in brackets, or an IPv4 one with its port, which may be obfuscated (RFC 7239 6)."""

_PAIR = re.compile(rb"[ \t]*+([!#$%&'*+\-.^_`|~0-9A-Za-z]++)=(?:\"((?:[^\"\\]|\\.)*+)\"|([^\s;,\"]*+))[ \t]*+(;|,|$)")


MAX_ADDRESS = 128
"""Characters of the longest element that can be an address with zone and port, generously: what is remembered of those
that come must not grow with what is sent."""


def parse_address(text: str) -> IpAddress | None:
    """An address as it stands in a chain: with or without port, IPv6 with or without brackets; mapped IPv4 unmapped."""
    text = text.strip(" \t")
    return _parsed(text) if len(text) <= MAX_ADDRESS else None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> IpAddress | None:
    match = _NODE.fullmatch(text)
    if match:
        text = match[1] or match[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose claims are believed, and what is known whatever anybody claims."""

    networks: tuple[Network, ...] = ()
    proto: bytes = b""
    """Scheme of the public origin, if the operator stated one."""
    host: bytes = b""
    """Host, and port if not the default, of the public origin."""

    def covers(self, address: IpAddress | None) -> bool:
        """Whether an address belongs to a trusted proxy. No address (a unix socket) is not trusted."""
        return address is not None and any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Told:
    """What the app is told about one request."""

    block: bytes
    """The field lines, each with its line end."""
    client: str
    """The client's address, for the log."""


class Peer:
    """The downstream end of one connection, and the field lines that its requests get.

    ``Told`` values are remembered for the last claims seen, which on one connection hardly ever change.
    """

    __slots__ = ("_claims", "_host", "_told", "address", "secure", "text", "trust", "trusted")

    def __init__(self, address: str, *, secure: bool, trust: Trust) -> None:
        self.address = parse_address(address)
        self.text = str(self.address) if self.address else "unknown"
        self.secure = secure
        self.trust = trust
        self.trusted = bool(trust.networks) and trust.covers(self.address)
        self.forget()

    def forget(self) -> None:
        """Drop what is remembered."""
        self._host = b""
        self._claims: list[Field] = []
        self._told: Told | None = None

    def tell(self, host: bytes, claims: list[Field]) -> Told:
        """What to tell about a request with this ``Host`` and these trust fields (in the order they came)."""
        if not self.trusted:
            claims = []
        if self._told is None or host != self._host or claims != self._claims:
            self._host, self._claims = host, claims
            self._told = self._work_out(host, claims)
        return self._told

    def _work_out(self, host: bytes, claims: list[Field]) -> Told:
        claimed = _by_name(claims)
        elements = _elements(claimed)
        chain, believed = _walk([element.node for element in elements], self.text, self.trust)
        seen = elements[len(elements) - believed :]
        proto = claimed.get(b"x-forwarded-proto") or _outermost(element.proto for element in seen)
        origin = claimed.get(b"x-forwarded-host") or _outermost(element.host for element in seen)
        proto = _PROTO.get(_item(proto, believed).lower(), b"https" if self.secure else b"http")
        origin = _item(origin, believed)
        return Told(
            _lines(chain, self.trust.proto or proto, self.trust.host or (origin if is_host(origin) else host)), chain[0]
        )


@dataclass(slots=True)
class _Element:
    """What one proxy said of who asked it."""

    node: str
    proto: bytes = b""
    host: bytes = b""


def _by_name(claims: list[Field]) -> dict[bytes, bytes]:
    """The values by folded name, those of several lines as one list."""
    values: dict[bytes, bytes] = {}
    for name, value in claims:
        name = name.lower()
        values[name] = values[name] + b", " + value if name in values else value
    return values


def _elements(claimed: dict[bytes, bytes]) -> list[_Element]:
    """The chain as it was sent, the client first."""
    if b"x-forwarded-for" not in claimed and b"forwarded" in claimed:
        return _from_forwarded(claimed[b"forwarded"])
    chain = claimed.get(b"x-forwarded-for", b"").decode("latin-1")
    return [_Element(node) for node in chain.split(",") if node.strip(" \t")]


def _from_forwarded(value: bytes) -> list[_Element]:
    """Read ``Forwarded`` (RFC 7239 4). A malformed rest is left unread: nothing behind it can be believed."""
    elements: list[_Element] = []
    behind = b","
    at = 0
    while at < len(value) and (match := _PAIR.match(value, at)):
        if behind == b",":
            elements.append(element := _Element(""))
        name, quoted, plain, behind = match.groups()
        content = re.sub(rb"\\(.)", rb"\1", quoted) if quoted is not None else plain
        match name.lower():
            case b"for":
                element.node = element.node or content.decode("latin-1")
            case b"proto":
                element.proto = element.proto or content
            case b"host":
                element.host = element.host or content
        at = match.end()
    return elements


def _outermost(said: Iterable[bytes]) -> bytes:
    """What the outermost of the believed proxies said that said anything."""
    return next(filter(None, said), b"")


def _item(values: bytes, believed: int) -> bytes:
    """The item of a list that the outermost believed proxy wrote; the first if the chain does not tell how many wrote.

    Most proxies write one item. Of those that append theirs, as Apache does to ``X-Forwarded-Host``, what stands in
    front of the believed ones came from the client.
    """
    items = values.split(b",")
    return items[-believed if 0 < believed <= len(items) else 0].strip(b" \t")


def _walk(chain: list[str], peer: str, trust: Trust) -> tuple[list[str], int]:
    """The chain from the client on, the peer last, and how many elements were written by trusted proxies.

    A malformed element ends the walk (RFC 7239 5.2).
    """
    kept = [peer]
    believed = 0
    for element in reversed(chain[-MAX_CHAIN:]):
        if not trust.covers(parse_address(kept[0])):
            break
        believed += 1
        address = parse_address(element)
        if address is None:
            break
        kept.insert(0, str(address))
    return kept, believed


def _lines(chain: Iterable[str], proto: bytes, host: bytes) -> bytes:
    addresses = [address.encode("ascii") for address in chain]
    nodes = [b"for=" + _node(address) for address in addresses]
    nodes[0] += b";host=%b;proto=%b" % (_quoted(host), proto)
    return (
        b"X-Forwarded-For: %b\r\nX-Forwarded-Proto: %b\r\nX-Forwarded-Host: %b\r\nX-Real-IP: %b\r\nForwarded: %b\r\n"
        % (b", ".join(addresses), proto, host, addresses[0], b", ".join(nodes))
    )


def _node(address: bytes) -> bytes:
    return b'"[%b]"' % address if b":" in address else address


def _quoted(host: bytes) -> bytes:
    return b'"%b"' % host if b":" in host else host

"""What a gateway does to a head on its way through: read it once, say what it means, write the next hop's.

This is the whole of message forwarding (RFC 9110 7.6): hop-by-hop fields and those that ``Connection`` names go,
framing is decided and re-written, trust fields are replaced, upgrades are recognised, and event streams get the two
signs by which further proxies know them. The plans are pure functions of the octets, so a head that is the same as the
one before is not read twice: clients repeat their fields from request to request, which is what HPACK lives on as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.protocol import headers, upgrade
from antechamber.protocol.failure import Failure, RequestFault, ResponseFault
from antechamber.protocol.forwarded import Peer
from antechamber.protocol.framing import (
    CHUNKED,
    CLOSE,
    LENGTH,
    NONE,
    Framing,
    content_length,
    request_framing,
    response_framing,
)
from antechamber.protocol.headers import Role, Roles, request_roles, response_roles, tokens, without
from antechamber.protocol.http1 import (
    Field,
    RequestHead,
    ResponseHead,
    is_host,
    parse_request_head,
    parse_response_head,
    split_absolute,
    split_request_line,
)

_REMEMBERED_OCTETS = 8 * 1024
"""Heads up to this size are remembered for the next one: clients that send large ones and stay must not cost memory."""

_Found = dict[Role, list[bytes]]
_NONE: list[bytes] = []


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What is the same for every request of a listener."""

    roles: Roles
    pseudonym: bytes
    """This edge's name in ``Via``, unlike any other's."""
    upgrades: frozenset[bytes]
    default_host: bytes
    """``Host`` for HTTP/1.0 requests that have none."""
    line_limit: int
    """Octets of a request line."""
    count_limit: int
    """Field lines of a head."""
    received: bytes = b""
    """The version of HTTP in which requests really came, where it is not that of the heads that are read here."""

    @staticmethod
    def of(
        *,
        untrusted: frozenset[str],
        pseudonym: str,
        upgrades: frozenset[str],
        default_host: str,
        line_limit: int = 16384,
        count_limit: int = 256,
    ) -> RequestRules:
        """Make the rules from the policy's words."""
        return RequestRules(
            request_roles(untrusted),
            pseudonym.encode("ascii"),
            frozenset(token.encode("ascii") for token in upgrades),
            default_host.encode("ascii"),
            line_limit,
            count_limit,
        )


@dataclass(slots=True)
class RequestPlan:
    """The fields of a request as they will be sent upstream, and what to expect of it."""

    section: bytes
    """Everything behind the request line, the empty line included."""
    framing: Framing
    length: int
    minor: int
    """The client's HTTP/1 minor version."""
    close: bool
    """The client will not send another request on this connection, or could not."""
    upgrade: bytes | None
    """The token to relay, folded."""
    client: str
    """The client's address, for the log."""
    claims_dropped: bool
    """An untrusted peer sent trust fields: somebody may want to be told about ``--trust``."""
    accept: bytes
    """The ``Accept`` value, for answers that the edge makes up."""
    last_hop: bool
    """The client wants it answered here: its ``Max-Forwards`` is used up."""
    plain: bool
    """Nothing about it needs a second look: no body, no upgrade, no claims, a connection that stays open."""


class RequestTranslator:
    """Reads the request heads of one downstream connection and plans what goes upstream."""

    __slots__ = ("_block", "_line", "_plan", "_read", "_section", "peer", "rules")

    def __init__(self, peer: Peer, rules: RequestRules) -> None:
        self.peer = peer
        self.rules = rules
        self.forget()

    def forget(self) -> None:
        """Drop what is remembered: the connection will be quiet, or a stream, for long."""
        self._block = self._section = b""
        self._read: tuple[bytes, bytes, RequestPlan] | None = None
        self._line: tuple[bytes, int] = (b"", 0)
        self._plan: RequestPlan | None = None
        self.peer.forget()

    def translate(self, block: bytes) -> tuple[bytes, bytes, RequestPlan]:
        """Read a complete head; return method, origin-form target (or ``*``) and plan. Raises :class:`RequestFault`."""
        if block == self._block and self._read is not None:
            return self._read
        read = self._same_fields(block)
        if read is None:
            head = parse_request_head(block, line_limit=self.rules.line_limit, count_limit=self.rules.count_limit)
            target, plan = plan_request(head, self.peer, self.rules)
            read = head.method, target, plan
            if len(block) > _REMEMBERED_OCTETS:
                return read
            if target is head.target:
                line_end = block.index(b"\r\n") + 2
                self._section, self._line, self._plan = block[line_end:], (head.method, head.minor), plan
        self._block, self._read = block, read
        return read

    def _same_fields(self, block: bytes) -> tuple[bytes, bytes, RequestPlan] | None:
        """The reading of a head that differs from the one before in its target only."""
        line = split_request_line(block)
        if line is None or self._plan is None:
            return None
        method, target, minor, end = line
        if block[end:] != self._section or (method, minor) != self._line:
            return None
        if target[:1] != b"/" or end - 2 > self.rules.line_limit:
            return None
        return method, target, self._plan


def plan_request(head: RequestHead, peer: Peer, rules: RequestRules) -> tuple[bytes, RequestPlan]:
    """The target and the plan for a request. Raises :class:`RequestFault`; status 508 means a loop."""
    kept: list[Field] = []
    found: _Found = {}
    claims: list[Field] = []
    _sort(head.fields, rules.roles, kept, found, claims)
    target, host = _target(head, found.get(Role.HOST, _NONE), rules.default_host)
    lengths = found.get(Role.LENGTH, _NONE)
    framing, length = request_framing(lengths, found.get(Role.CODING, _NONE), head.minor)
    if peer.trusted and Role.UNTRUSTED in found:
        kept += [field for field in head.fields if rules.roles.of(field[0]) is Role.UNTRUSTED]
    options = tokens(found[Role.CONNECTION]) if Role.CONNECTION in found else _NONE
    if options:
        kept = without(kept, options)
    last_hop = False
    if head.method == b"OPTIONS" and Role.MAX_FORWARDS in found:
        kept, last_hop = _one_hop_less(kept, found[Role.MAX_FORWARDS])
    told = peer.tell(host, claims)
    parts = [b"Host: %b\r\n" % host]
    parts += [b"%b: %b\r\n" % field for field in kept]
    parts.append(told.block)
    parts.append(_via(found.get(Role.VIA, _NONE), head.minor, rules))
    if framing is LENGTH or lengths:
        parts.append(b"Content-Length: %d\r\n" % length)
    elif framing is CHUNKED:
        parts.append(b"Transfer-Encoding: chunked\r\n")
    if Role.EXPECT in found and _expectation(found[Role.EXPECT], head.minor, framing):
        parts.append(b"Expect: 100-continue\r\n")
    token = None
    if Role.UPGRADE in found:
        token = upgrade.requested(head.method, head.minor, framing, options, found[Role.UPGRADE], rules.upgrades)
    if token is not None:
        parts.append(b"Connection: Upgrade\r\nUpgrade: %b\r\n" % token)
    elif Role.TE in found and b"trailers" in tokens(found[Role.TE]):
        parts.append(b"Connection: TE\r\nTE: trailers\r\n")
    parts.append(b"\r\n")
    close = head.minor == 0 or b"close" in options
    dropped = not peer.trusted and bool(claims)
    return target, RequestPlan(
        b"".join(parts),
        framing,
        length,
        head.minor,
        close,
        token,
        told.client,
        dropped,
        b", ".join(found.get(Role.ACCEPT, _NONE)),
        last_hop,
        framing is NONE and not close and not dropped and token is None and not last_hop,
    )


def _sort(fields: list[Field], roles: Roles, kept: list[Field], found: _Found, claims: list[Field]) -> None:
    """Part the fields: end-to-end ones into ``kept``, trust fields into ``claims``, values of the others by role."""
    spellings = roles.by_spelling
    for field in fields:
        role = spellings.get(field[0])
        if role is None:
            role = roles.learn(field[0])
        if role is Role.KEEP:
            kept.append(field)
            continue
        if role in found:
            found[role].append(field[1])
        else:
            found[role] = [field[1]]
        if role is Role.FORWARDED:
            claims.append(field)
        elif role in _PASSED:
            kept.append(field)


_PASSED = frozenset({Role.ACCEPT, Role.CONTENT_TYPE, Role.DATE, Role.ACCEL, Role.INCREMENTAL, Role.MAX_FORWARDS})
"""Roles of fields that are looked at and passed on."""


def _target(head: RequestHead, hosts: list[bytes], default_host: bytes) -> tuple[bytes, bytes]:
    """The origin-form target and the one host of a request (RFC 9112 3.2), or a fault."""
    if head.method in (b"CONNECT", b"TRACE"):
        raise RequestFault(405, f"{head.method.decode('ascii')} is not allowed through this gateway")
    if len(hosts) > 1:
        raise RequestFault(400, "more than one Host field")
    if hosts:
        host = hosts[0]
        if not is_host(host):
            raise RequestFault(400, "the Host field is not a valid host")
    elif head.minor == 1:
        raise RequestFault(400, "an HTTP/1.1 request without a Host field")
    else:
        host = default_host
    target = head.target
    if target.startswith(b"/"):
        return target, host
    if target == b"*":
        if head.method != b"OPTIONS":
            raise RequestFault(400, "the target * is for OPTIONS only")
        return target, host
    host, path = split_absolute(target)
    if head.method == b"OPTIONS" and target.count(b"/") == 2 and b"?" not in target:
        return b"*", host  # RFC 9112 3.2.4: no path at all means the server, not its root
    return path, host


def _one_hop_less(fields: list[Field], hops: list[bytes]) -> tuple[list[Field], bool]:
    """The fields with one less in ``Max-Forwards``, and whether none was left (RFC 9110 7.6.2)."""
    left = content_length(hops)
    if left is None:
        raise RequestFault(400, "Max-Forwards is not one plain number")
    kept = [field for field in fields if field[0].lower() != b"max-forwards"]
    return [*kept, (b"Max-Forwards", b"%d" % max(0, left - 1))], left == 0


def _via(seen: list[bytes], minor: int, rules: RequestRules) -> bytes:
    """The ``Via`` line of a gateway (RFC 9110 7.6.3); our own name in it means that the request went in a circle."""
    if any(rules.pseudonym in value.lower() for value in seen):
        raise RequestFault(508, "this request has been through this edge before")
    received = rules.received or b"1.%d" % minor
    return b"Via: %b\r\n" % b", ".join([*seen, b"%b %b" % (received, rules.pseudonym)])


def _expectation(expect: list[bytes], minor: int, framing: Framing) -> bool:
    """Whether to pass ``Expect: 100-continue`` on (RFC 9110 10.1.1); other expectations are 417."""
    if minor == 0:
        return False
    if tokens(expect) != [b"100-continue"]:
        raise RequestFault(417, "the only expectation understood is 100-continue")
    return framing is not NONE


@dataclass(slots=True)
class ResponsePlan:
    """A response as it will be sent downstream, and what to expect of its body."""

    head: bytes
    """The head as far as it is known here: without ``Connection``, transfer coding and the empty line."""
    whole: bytes
    """The head with its empty line, if nothing is to be added to it; else empty."""
    dated: bool
    """It has a ``Date``; if not, the edge adds one (RFC 9110 6.6.1)."""
    status: int
    framing: Framing
    length: int
    close: bool
    """The upstream will close its connection, or must be made to."""
    keep_alive_s: int | None
    """The idle time after which the upstream said it would close the connection."""
    event_stream: bool
    incremental: bool
    """The app asked for piece-by-piece forwarding (RFC 10036, or ``X-Accel-Buffering: no``)."""


class ResponseTranslator:
    """Reads response heads; one serves all upstream connections, since answers repeat across them."""

    __slots__ = ("_key", "_plan", "count_limit")

    def __init__(self, count_limit: int) -> None:
        self.count_limit = count_limit
        self._key: tuple[bytes, bytes, bytes | None] | None = None
        self._plan: ResponsePlan | None = None

    def translate(self, block: bytes, method: bytes, asked: bytes | None) -> ResponsePlan:
        """Read a complete head; return the plan. Raises :class:`ResponseFault`."""
        key = (block, method, asked)
        if key == self._key and self._plan is not None:
            return self._plan
        head = parse_response_head(block, count_limit=self.count_limit)
        plan = plan_response(head, method=method, asked=asked)
        self._key, self._plan = key, plan
        return plan


RESPONSE_ROLES = response_roles()


def plan_response(head: ResponseHead, *, method: bytes, asked: bytes | None) -> ResponsePlan:
    """The plan for a response to a request with this method. Raises :class:`ResponseFault`.

    ``asked`` is the upgrade token that was relayed, if any.
    """
    kept: list[Field] = []
    found: _Found = {}
    _sort(head.fields, RESPONSE_ROLES, kept, found, [])
    status = head.status
    lengths = found.get(Role.LENGTH, _NONE)
    codings = found.get(Role.CODING, _NONE)
    framing, length = response_framing(status, lengths, codings, head.minor, to_head=method == b"HEAD")
    options = tokens(found[Role.CONNECTION]) if Role.CONNECTION in found else _NONE
    if options:
        kept = without(kept, options)
    upgrades = found.get(Role.UPGRADE, _NONE)
    if status == 101 and (asked is None or not upgrade.agreed(asked, upgrades)):
        raise ResponseFault(Failure.UPGRADE_FAILED, "the app switched to a protocol that nobody asked for")
    event_stream = headers.is_event_stream(found.get(Role.CONTENT_TYPE, _NONE))
    parts = [b"HTTP/1.1 %d %b\r\n" % (status, head.reason)]
    parts += [b"%b: %b\r\n" % field for field in kept]
    if event_stream:
        if Role.ACCEL not in found:
            parts.append(b"X-Accel-Buffering: no\r\n")
        parts.append(b"Cache-Control: %b\r\n" % headers.no_transform(found.get(Role.CACHE_CONTROL, _NONE)))
    elif Role.CACHE_CONTROL in found:
        parts += [b"Cache-Control: %b\r\n" % value for value in found[Role.CACHE_CONTROL]]
    if status >= 200:
        if framing is LENGTH:
            parts.append(b"Content-Length: %d\r\n" % length)
        elif framing is NONE and lengths and status != 204:
            parts.append(_bodiless_length(lengths))
    if upgrades and status in (101, 426):
        parts.append(b"Upgrade: %b\r\n" % b", ".join(upgrades))
    lines = b"".join(parts)
    bounded = framing in (LENGTH, NONE)
    return ResponsePlan(
        lines,
        lines + b"\r\n" if bounded and Role.DATE in found and status >= 200 and status != 426 else b"",
        Role.DATE in found,
        status,
        framing,
        length,
        b"close" in options or (head.minor == 0 and b"keep-alive" not in options) or framing is CLOSE,
        _keep_alive(found[Role.KEEP_ALIVE]) if Role.KEEP_ALIVE in found else None,
        event_stream,
        found.get(Role.INCREMENTAL) == [b"?1"] or [value.lower() for value in found.get(Role.ACCEL, _NONE)] == [b"no"],
    )


def _bodiless_length(lengths: list[bytes]) -> bytes:
    """``Content-Length`` of a response without a body (HEAD, 304, or a length of zero), if it is one plain number."""
    length = content_length(list(dict.fromkeys(lengths)))
    if length is None:
        raise ResponseFault(Failure.PROTOCOL_ERROR, "Content-Length of the response is not one plain number")
    return b"Content-Length: %d\r\n" % length


def _keep_alive(values: list[bytes]) -> int | None:
    for part in tokens(values):
        name, _, number = part.partition(b"=")
        if name == b"timeout" and number.isdigit() and len(number) < 7:
            return int(number)
    return None

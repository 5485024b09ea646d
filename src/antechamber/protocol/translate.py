"""What a gateway does to a head on its way through: read it once, say what it means, write the next hop's.

The two functions are the whole of message forwarding (RFC 9110 7.6): hop-by-hop fields and those that ``Connection``
names go, framing is decided and re-written, trust fields are replaced, upgrades are recognised, and event streams get
the two signs by which further proxies know them. They hold no state; the edge and any later HTTP/2 side share them.
"""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.protocol import upgrade
from antechamber.protocol.failure import Failure, RequestFault, ResponseFault
from antechamber.protocol.forwarded import Peer
from antechamber.protocol.framing import Framing, request_framing, response_framing
from antechamber.protocol.headers import Role, Roles, request_roles, response_roles, tokens, without
from antechamber.protocol.http1 import Field, RequestHead, ResponseHead, is_host, split_absolute


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What is the same for every request of a listener."""

    roles: Roles
    pseudonym: bytes
    """This edge's name in ``Via``, unlike any other's."""
    upgrades: frozenset[bytes]
    default_host: bytes
    """``Host`` for HTTP/1.0 requests that have none."""

    @staticmethod
    def of(*, untrusted: frozenset[str], pseudonym: str, upgrades: frozenset[str], default_host: str) -> RequestRules:
        """Make the rules from the policy's words."""
        return RequestRules(
            request_roles(untrusted),
            pseudonym.encode("ascii"),
            frozenset(token.encode("ascii") for token in upgrades),
            default_host.encode("ascii"),
        )


@dataclass(slots=True)
class RequestPlan:
    """A request as it will be sent upstream, and what to expect of it."""

    head: bytes
    framing: Framing
    length: int
    target: bytes
    """Origin-form, or ``*``."""
    close: bool
    """The client will not send another request on this connection, or could not."""
    upgrade: bytes | None
    client: str
    claims_dropped: bool
    """An untrusted peer sent trust fields: somebody may want to be told about ``--trust``."""
    continues: bool
    """The client waits for ``100 (Continue)``."""


def plan_request(head: RequestHead, peer: Peer, rules: RequestRules) -> RequestPlan:
    """Translate a request head for the upstream. Raises :class:`RequestFault`; status 508 means a loop."""
    kept: list[Field] = []
    claims: list[Field] = []
    hosts: list[bytes] = []
    lengths: list[bytes] = []
    codings: list[bytes] = []
    connection: list[bytes] = []
    upgrades: list[bytes] = []
    expect: list[bytes] = []
    via: list[bytes] = []
    trailers = False
    by_spelling, trusted = rules.roles.by_spelling, peer.trusted
    for field in head.fields:
        role = by_spelling.get(field[0])
        if role is None:
            role = rules.roles.learn(field[0])
        if role == Role.KEEP:
            kept.append(field)
            continue
        match role:
            case Role.HOST:
                hosts.append(field[1])
            case Role.CONNECTION:
                connection.append(field[1])
            case Role.LENGTH:
                lengths.append(field[1])
            case Role.CODING:
                codings.append(field[1])
            case Role.UPGRADE:
                upgrades.append(field[1])
            case Role.EXPECT:
                expect.append(field[1])
            case Role.FORWARDED:
                claims.append(field)
            case Role.UNTRUSTED:
                if trusted:
                    kept.append(field)
            case Role.VIA:
                via.append(field[1])
            case Role.TE:
                trailers = trailers or b"trailers" in tokens([field[1]])
            case _:
                pass
    target, host = _target(head, hosts, rules.default_host)
    framing, length = request_framing(lengths, codings, head.minor)
    options = tokens(connection) if connection else []
    token = None
    if upgrades:
        token = upgrade.requested(
            method=head.method,
            minor=head.minor,
            has_body=framing is not Framing.NONE,
            connection=options,
            upgrade=upgrades,
            allowed=rules.upgrades,
        )
    if options:
        kept = without(kept, options)
    continues = _expectation(expect, head.minor, framing)
    told = peer.tell(host, claims)
    parts = [b"%b %b HTTP/1.1\r\nHost: %b\r\n" % (head.method, target, host)]
    parts += [b"%b: %b\r\n" % field for field in kept]
    parts.append(told.block)
    if via and any(rules.pseudonym in value for value in via):
        raise RequestFault(508, "this request has been through this edge before")
    via.append(b"1.%d %b" % (head.minor, rules.pseudonym))
    parts.append(b"Via: %b\r\n" % b", ".join(via))
    if framing is Framing.LENGTH:
        parts.append(b"Content-Length: %d\r\n" % length)
    elif framing is Framing.CHUNKED:
        parts.append(b"Transfer-Encoding: chunked\r\n")
    elif lengths:
        parts.append(b"Content-Length: 0\r\n")
    if continues:
        parts.append(b"Expect: 100-continue\r\n")
    if token is not None:
        parts.append(b"Connection: Upgrade\r\nUpgrade: %b\r\n" % token)
    elif trailers:
        parts.append(b"Connection: TE\r\nTE: trailers\r\n")
    parts.append(b"\r\n")
    return RequestPlan(
        b"".join(parts),
        framing,
        length,
        target,
        head.minor == 0 or b"close" in options,
        token,
        told.client,
        bool(claims) and not trusted,
        continues,
    )


def _target(head: RequestHead, hosts: list[bytes], default_host: bytes) -> tuple[bytes, bytes]:
    """The origin-form target and the one host of a request (RFC 9112 3.2), or a fault."""
    target = head.target
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
    if target.startswith(b"/"):
        return target, host
    if target == b"*":
        if head.method != b"OPTIONS":
            raise RequestFault(400, "the target * is for OPTIONS only")
        return target, host
    host, target = split_absolute(target)
    return target, host


def _expectation(expect: list[bytes], minor: int, framing: Framing) -> bool:
    """Whether to pass ``Expect: 100-continue`` on (RFC 9110 10.1.1); other expectations are 417."""
    if not expect or minor == 0:
        return False
    if tokens(expect) != [b"100-continue"]:
        raise RequestFault(417, "the only expectation understood is 100-continue")
    return framing is not Framing.NONE


@dataclass(slots=True)
class ResponsePlan:
    """A response as it will be sent downstream, and what to expect of its body."""

    head: bytes
    """The head as far as it is known here: without ``Connection`` and without the empty line."""
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
    switched: bool
    """101 to the protocol that was asked for."""


RESPONSE_ROLES = response_roles()


def plan_response(head: ResponseHead, *, method: bytes, asked: bytes | None, date: bytes) -> ResponsePlan:
    """Translate a response head for the client. Raises :class:`ResponseFault`.

    ``method`` is the request's, ``asked`` the upgrade token that was relayed, ``date`` the present ``Date`` line
    for responses that have none (RFC 9110 6.6.1).
    """
    kept: list[Field] = []
    lengths: list[bytes] = []
    codings: list[bytes] = []
    connection: list[bytes] = []
    upgrades: list[bytes] = []
    cache_control: list[Field] = []
    event_stream = accel = dated = incremental = False
    keep_alive_s: int | None = None
    by_spelling = RESPONSE_ROLES.by_spelling
    for field in head.fields:
        role = by_spelling.get(field[0])
        if role is None:
            role = RESPONSE_ROLES.learn(field[0])
        if role == Role.KEEP:
            kept.append(field)
            continue
        match role:
            case Role.LENGTH:
                lengths.append(field[1])
            case Role.CONTENT_TYPE:
                kept.append(field)
                event_stream = field[1][:17].lower() == b"text/event-stream"
            case Role.DATE:
                kept.append(field)
                dated = True
            case Role.CODING:
                codings.append(field[1])
            case Role.CONNECTION:
                connection.append(field[1])
            case Role.KEEP_ALIVE:
                keep_alive_s = _keep_alive(field[1])
            case Role.CACHE_CONTROL:
                cache_control.append(field)
            case Role.ACCEL:
                kept.append(field)
                accel = True
                incremental = incremental or field[1].lower() == b"no"
            case Role.INCREMENTAL:
                kept.append(field)
                incremental = incremental or field[1] == b"?1"
            case Role.UPGRADE:
                upgrades.append(field[1])
            case _:
                pass
    status = head.status
    to_head = method == b"HEAD"
    framing, length = response_framing(status, lengths, codings, head.minor, to_head=to_head)
    options = tokens(connection) if connection else []
    if options:
        kept = without(kept, options)
    switched = False
    if status == 101:
        if asked is None or not upgrade.agreed(asked, upgrades):
            raise ResponseFault(Failure.UPGRADE_FAILED, "the app switched to a protocol that nobody asked for")
        switched = True
    parts = [b"HTTP/1.1 %d %b\r\n" % (status, head.reason)]
    parts += [b"%b: %b\r\n" % field for field in kept]
    if event_stream:
        if not accel:
            parts.append(b"X-Accel-Buffering: no\r\n")
        parts.append(b"Cache-Control: %b\r\n" % _no_transform([value for _, value in cache_control]))
    else:
        parts += [b"%b: %b\r\n" % field for field in cache_control]
    if not dated and status >= 200:
        parts.append(date)
    if framing is Framing.LENGTH:
        parts.append(b"Content-Length: %d\r\n" % length)
    elif framing is Framing.NONE and lengths and status >= 200 and status != 204:
        parts.append(_bodiless_length(lengths))
    if upgrades and status in (101, 426):
        parts.append(b"Upgrade: %b\r\n" % b", ".join(upgrades))
    return ResponsePlan(
        b"".join(parts),
        status,
        framing,
        length,
        b"close" in options or (head.minor == 0 and b"keep-alive" not in options) or framing is Framing.CLOSE,
        keep_alive_s,
        event_stream,
        incremental,
        switched,
    )


def _bodiless_length(lengths: list[bytes]) -> bytes:
    """``Content-Length`` of a response without a body (HEAD, 304, or a length of zero), if it is one plain number."""
    first = lengths[0]
    if not first.isdigit() or len(set(lengths)) != 1:
        raise ResponseFault(Failure.PROTOCOL_ERROR, "Content-Length of the response is not one plain number")
    return b"Content-Length: %b\r\n" % first


def _keep_alive(value: bytes) -> int | None:
    for part in tokens([value]):
        name, _, number = part.partition(b"=")
        if name == b"timeout" and number.isdigit() and len(number) < 7:
            return int(number)
    return None


def _no_transform(values: list[bytes]) -> bytes:
    """One ``Cache-Control`` value that forbids transformation, with everything the app said (RFC 9111 5.2.2.6)."""
    joined = b", ".join(value for value in values if value)
    if b"no-transform" in tokens(values):
        return joined
    return b"%b, no-transform" % joined if joined else b"no-cache, no-transform"

"""A byte stream to one server, for whoever asks rather than relays: the probe's seam to the network.

Each piece is stamped when the event loop hands it over, not when somebody gets round to reading it, so a busy reader
does not look like a slow proxy. Every wait has a limit. The edge does not use this: it relays with paired protocols.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol, cast

from antechamber.net.dial import Dialer, DialError
from antechamber.policy.model import Address
from antechamber.protocol.failure import Failure

HELD_BYTES = 1024 * 1024
"""What may wait to be read before the peer is asked to pause."""
CLOSING_S = 1.0
"""How long an orderly end may take."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came, and when (``time.monotonic()``). No data: the peer has ended its side in an orderly way."""

    at_s: float
    data: bytes


class StreamError(Exception):
    """The connection could not be opened, broke, or a wait ran out. ``detail`` is for people."""

    def __init__(self, failure: Failure, detail: str, *, at_s: float) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail
        self.at_s = at_s


class CertificateError(StreamError):
    """The server's certificate is not one to believe. ``code`` is OpenSSL's (``X509_V_ERR_…``)."""

    def __init__(self, detail: str, *, code: int, at_s: float) -> None:
        super().__init__(Failure.CONNECTION_TERMINATED, detail, at_s=at_s)
        self.code = code


class ClientTls:
    """TLS as a browser would speak it. What is offered by ALPN belongs to a context, so there is one for each offer."""

    def __init__(self, *, authorities: str = "", verify: bool = True) -> None:
        """``authorities`` are PEM texts that are believed besides the system's; without ``verify`` all are."""
        self._authorities = authorities
        self._verify = verify
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}

    def offering(self, versions: tuple[str, ...]) -> ssl.SSLContext:
        """The context that offers ``versions`` (``h2``, ``http/1.1``), the preferred one first. Raises ``OSError``."""
        context = self._contexts.get(versions)
        if context is None:
            context = self._contexts[versions] = ssl.create_default_context()
            if self._authorities:
                context.load_verify_locations(cadata=self._authorities)
            if not self._verify:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_alpn_protocols(list(versions))
        return context


class Stream(Protocol):
    """What a prober needs of a connection; tests write their own."""

    @property
    def negotiated(self) -> str:
        """The protocol that ALPN chose; empty without TLS, or where the server chose none."""

    async def read(self, *, within_s: float) -> Arrival:
        """The next piece. Raises :class:`StreamError`: ``RESPONSE_TIMEOUT`` if none comes, or how it broke."""
        ...

    async def write(self, data: bytes, *, within_s: float) -> float:
        """Send all of ``data``; returns when it was handed to the kernel. Raises :class:`StreamError`."""
        ...

    async def close(self) -> None:
        """End the connection. May be called twice."""
        ...


async def open_stream(
    address: Address, *, within_s: float, tls: ssl.SSLContext | None = None, server_name: str = ""
) -> Stream:
    """Connect over TCP or a unix socket, with TLS if a context is given. Raises :class:`StreamError`."""
    inbox = _Inbox()
    try:
        async with asyncio.timeout(within_s):
            await Dialer(address, timeout_s=within_s).dial(lambda: inbox)
            if tls is not None:
                await _start_tls(inbox, tls, server_name or address.host)
    except DialError as error:
        raise StreamError(error.failure, error.detail, at_s=time.monotonic()) from None
    except TimeoutError:
        inbox.abort()
        detail = f"no TLS connection within {within_s:g} s"
        raise StreamError(Failure.CONNECTION_TIMEOUT, detail, at_s=time.monotonic()) from None
    except ssl.SSLCertVerificationError as error:
        inbox.abort()
        detail = f"TLS failed: {error.verify_message}"
        raise CertificateError(detail, code=error.verify_code, at_s=time.monotonic()) from None
    except OSError as error:  # ssl.SSLError is one as well
        inbox.abort()
        detail = f"TLS failed: {getattr(error, 'reason', None) or error}"
        raise StreamError(Failure.CONNECTION_TERMINATED, detail, at_s=time.monotonic()) from None
    return _Connection(inbox)


async def _start_tls(inbox: _Inbox, tls: ssl.SSLContext, server_name: str) -> None:
    assert inbox.transport is not None
    loop = asyncio.get_running_loop()
    upgraded = await loop.start_tls(inbox.transport, inbox, tls, server_hostname=server_name)
    if upgraded is None:  # the loop's word for "the peer went away meanwhile"
        raise ConnectionResetError("the connection was closed during the handshake")
    inbox.transport = upgraded


class _Inbox(asyncio.Protocol):
    """Takes what the loop hands over: stamps it, holds it, and slows the peer down when nobody reads."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.arrivals: deque[Arrival] = deque()
        self.lost: StreamError | None = None
        self._held = 0
        self.gone = asyncio.Event()
        self._stirred = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's do not derive from it

    def data_received(self, data: bytes) -> None:
        self._put(bytes(data))
        self._held += len(data)
        if self._held > HELD_BYTES and self.transport is not None:
            self.transport.pause_reading()

    @property
    def negotiated(self) -> str:
        tls = self.transport.get_extra_info("ssl_object") if self.transport is not None else None
        return (tls.selected_alpn_protocol() or "") if tls is not None else ""

    def eof_received(self) -> bool:
        self._put(b"")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            detail = f"the connection broke ({getattr(exc, 'strerror', None) or exc})"
            self.lost = StreamError(Failure.CONNECTION_TERMINATED, detail, at_s=time.monotonic())
        else:
            self._put(b"")
        self.gone.set()
        self._may_write.set()
        self._stirred.set()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    async def take(self) -> Arrival:
        while not self.arrivals:
            if self.lost is not None:
                raise self.lost
            self._stirred.clear()
            await self._stirred.wait()
        arrival = self.arrivals[0]
        if arrival.data:  # the end stays where it is: whoever reads again sees it again
            self.arrivals.popleft()
            self._held -= len(arrival.data)
            if self.transport is not None and self._held <= HELD_BYTES:
                self.transport.resume_reading()
        return arrival

    async def put_out(self, data: bytes) -> float:
        """Stamped before the write where that does not wait: after it, another process may have had the processor."""
        if self.transport is None or self.transport.is_closing():
            raise self.lost or StreamError(
                Failure.CONNECTION_TERMINATED, "the peer has closed the connection", at_s=time.monotonic()
            )
        sent_s = time.monotonic()
        self.transport.write(data)
        if self._may_write.is_set():
            return sent_s
        await self._may_write.wait()
        return time.monotonic()

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _put(self, data: bytes) -> None:
        self.arrivals.append(Arrival(time.monotonic(), data))
        self._stirred.set()


class _Connection:
    """A :class:`Stream` over an inbox."""

    def __init__(self, inbox: _Inbox) -> None:
        self._inbox = inbox

    @property
    def negotiated(self) -> str:
        return self._inbox.negotiated

    async def read(self, *, within_s: float) -> Arrival:
        try:
            async with asyncio.timeout(within_s):
                return await self._inbox.take()
        except TimeoutError:
            detail = f"nothing came for {within_s:.1f} s"
            raise StreamError(Failure.RESPONSE_TIMEOUT, detail, at_s=time.monotonic()) from None

    async def write(self, data: bytes, *, within_s: float) -> float:
        try:
            async with asyncio.timeout(within_s):
                return await self._inbox.put_out(data)
        except TimeoutError:
            detail = f"the peer took nothing for {within_s:.1f} s"
            raise StreamError(Failure.CONNECTION_WRITE_TIMEOUT, detail, at_s=time.monotonic()) from None

    async def close(self) -> None:
        self._inbox.hang_up()
        try:
            async with asyncio.timeout(CLOSING_S):
                await self._inbox.gone.wait()
        except TimeoutError:  # the peer does not take what was sent, or does not answer the end of TLS
            self._inbox.abort()

"""Where a probe goes and as whom: one way into an app, directly or through its proxy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from antechamber.errors import ConfigError
from antechamber.net.stream import ClientTls, Stream, open_stream
from antechamber.policy.model import Address
from antechamber.probe.lane import Lane
from antechamber.protocol.http1 import Field

BROWSER_VERSIONS = ("h2", "http/1.1")
_CREDENTIALS = (b"cookie", b"authorization")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One way in. ``fields`` go with every request (a cookie, say) and are kept out of every report."""

    address: Address
    scheme: str
    host: str
    """What belongs in ``Host``: the name, and the port if it is not the scheme's own."""
    fields: tuple[Field, ...] = field(default=(), repr=False)
    tls: ClientTls | None = None
    versions: tuple[str, ...] = BROWSER_VERSIONS
    """What is offered by ALPN. Without TLS there is HTTP/1.1 only, as with browsers."""
    server_name: str = ""
    """The name that the handshake asks for and the certificate must hold; empty for the address's own."""
    page: str = ""
    """The origin of the page that asks, where it is not this target's own."""
    lane: Lane | None = field(default=None, compare=False)

    @classmethod
    def of(cls, url: str, *, tls: ClientTls | None = None, place: str = "") -> Target:
        """The target that an ``http`` or ``https`` URL names; its path does not count. Raises :class:`ConfigError`."""
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme)
        try:
            hostname, given = parts.hostname, parts.port
        except ValueError:
            raise ConfigError(f"not a port number: {url}", place=place, way_out="Ports go from 1 to 65535") from None
        if port is None or not hostname:
            way_out = "Write it like http://127.0.0.1:3000"
            raise ConfigError(f"not an http or https URL: {url}", place=place, way_out=way_out)
        address = Address(host=hostname, port=port if given is None else given)
        name = f"[{hostname}]" if ":" in hostname else hostname
        host = name if address.port == port else f"{name}:{address.port}"
        secure = (tls or ClientTls()) if parts.scheme == "https" else None
        return cls(address=address, scheme=parts.scheme, host=host, tls=secure)

    @property
    def url(self) -> str:
        """The target for people."""
        return f"{self.scheme}://{self.host}"

    @property
    def origin(self) -> str:
        """The origin that a browser would send from a page of this target."""
        return self.page or self.url

    def carrying(self, *fields: Field) -> Target:
        """The same way in, with more fields on each request."""
        return replace(self, fields=(*self.fields, *fields))

    def as_stranger(self) -> Target:
        """The same way in, without what says who asks."""
        kept = tuple(field for field in self.fields if field[0].lower() not in _CREDENTIALS)
        return replace(self, fields=kept)

    def speaking(self, *versions: str) -> Target:
        """The same way in, offering these versions of HTTP only."""
        return replace(self, versions=versions)

    def with_lane(self) -> Target:
        """The same way in, with no more connections at once than a browser would open."""
        return replace(self, lane=Lane())

    def on_behalf_of(self, public: Target) -> Target:
        """This way in, asked as a proxy further out would ask it that was itself asked as ``public``."""
        name = public.server_name or public.address.host
        return replace(self, host=public.host, page=public.origin, server_name=name)

    async def open(self, *, within_s: float) -> Stream:
        """A new connection. Raises :class:`antechamber.net.stream.StreamError`."""
        tls = self.tls.offering(self.versions) if self.tls else None
        if self.lane is None:
            return await open_stream(self.address, within_s=within_s, tls=tls, server_name=self.server_name)
        await self.lane.enter()
        try:
            stream = await open_stream(self.address, within_s=within_s, tls=tls, server_name=self.server_name)
        except BaseException:
            self.lane.leave()
            raise
        return self.lane.holding(stream)

"""What a hop knows while it misbehaves: what it is to do wrong, and the request that a response answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from antechamber.hop.dress import Dress
from antechamber.hop.faults import Faults
from antechamber.hop.shelf import Shelf
from antechamber.protocol.http1 import Field

if TYPE_CHECKING:
    from antechamber.edge.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What one hop is to do wrong."""

    faults: Faults
    inner: bytes
    """The app's address as the hop dials it, for ``Host``."""
    dress: Dress = Dress.NONE
    shelf: Shelf = field(default_factory=Shelf)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the edge sent it, before anything was done to it."""

    exchange: Exchange
    method: bytes
    target: bytes
    fields: list[Field]

    def value(self, name: bytes) -> bytes:
        """The first value of a field by its lower-case name; empty if there is none."""
        return next((value for key, value in self.fields if key.lower() == name), b"")

    @property
    def secure(self) -> bool:
        """Whether the client speaks TLS with the hop, or with a proxy in front that is believed."""
        return self.value(b"x-forwarded-proto") == b"https"

"""What a hop does to the head of a request before the app gets it. Pure: fields in, fields out."""

from __future__ import annotations

import re

from antechamber.hop import dress
from antechamber.hop.asked import Asked, Orders
from antechamber.hop.faults import Faults
from antechamber.hop.table import INNER
from antechamber.protocol.http1 import Field

_PORT = re.compile(rb":[0-9]+\Z")

Fields = list[Field]


def spoilt_target(target: bytes, faults: Faults) -> bytes:
    """The request target as the app gets it."""
    return target.partition(b"?")[0] if faults.drop_query else target


def spoilt_fields(asked: Asked, orders: Orders) -> Fields:
    """The fields as the app gets them."""
    faults = orders.faults
    client = asked.value(b"x-real-ip")
    fields = asked.fields
    if faults.append_client:
        fields = _only_appended(fields, asked)
    fields = _replaced(fields, b"Host", _named(faults.host, orders))
    fields = _replaced(fields, b"X-Forwarded-Host", _named(faults.forwarded_host, orders))
    fields = _replaced(fields, b"X-Forwarded-Proto", faults.forwarded_proto.encode())
    if faults.drop_port:
        fields = [_without_port(*one) for one in fields]
    gone = {name.encode() for name in faults.strip_header}
    if faults.strip_upgrade:
        gone |= {b"upgrade", b"connection"}
    kept = [one for one in fields if one[0].lower() not in gone]
    worn = dress.on_request(orders.dress, client=client, scheme=b"https" if asked.secure else b"http")
    return [*kept, *worn]


def _named(name: str, orders: Orders) -> bytes:
    return orders.inner if name == INNER else name.encode()


def _replaced(fields: Fields, name: bytes, value: bytes) -> Fields:
    """``fields`` with this value in the place of the field's own; as they are if there is no value."""
    if not value:
        return fields
    return [(name, value) if one[0].lower() == name.lower() else one for one in fields]


def _without_port(name: bytes, value: bytes) -> Field:
    if name.lower() in (b"host", b"x-forwarded-host"):
        return name, _PORT.sub(b"", value)
    return name, value


def _only_appended(fields: Fields, asked: Asked) -> Fields:
    """The edge believes everybody here, so the chain has what the client said, and ourselves last. Everything else is
    written anew from what is seen: that is what ``proxy_add_x_forwarded_for`` beside honest fields comes to."""
    peer = asked.value(b"x-forwarded-for").rpartition(b",")[2].strip()
    scheme = b"https" if asked.exchange.downstream.peer.secure else b"http"
    strange = {name.encode() for name in asked.exchange.setting.policy.untrusted_fields} | {b"forwarded"}
    honest = {b"x-real-ip": peer, b"x-forwarded-proto": scheme, b"x-forwarded-host": asked.value(b"host")}
    return [(name, honest.get(name.lower(), value)) for name, value in fields if name.lower() not in strange]

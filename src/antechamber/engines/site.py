"""Names and listeners of a site, as every engine needs them."""

from __future__ import annotations

from collections.abc import Iterable

from antechamber.policy.model import Address, Policy
from antechamber.policy.networks import CLOUDFLARE, CLOUDFLARE_AS_OF


def site_name(policy: Policy) -> str:
    """The host name of the public origin, without its port; empty where there is none."""
    if policy.public_origin is None:
        return ""
    host = policy.public_origin.host
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def every_interface(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Addresses with "every interface" spelled out for IPv4 and IPv6, as engines want it that listen on one family."""
    return tuple(
        spelled
        for address in addresses
        for spelled in (
            (address,)
            if address.host
            else (Address(host="0.0.0.0", port=address.port), Address(host="::", port=address.port))  # noqa: S104
        )
    )


def cloudflare_as_of(policy: Policy) -> str:
    """The date of the list of Cloudflare's networks, if the policy trusts all of them; else empty."""
    return CLOUDFLARE_AS_OF if set(CLOUDFLARE) <= set(policy.trusted_proxies) else ""

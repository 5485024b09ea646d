"""Lists of networks: CIDR blocks, single addresses, and two words that stand for published lists.

A network that is wrong is an error, never a guess: trusting one address too many lets that peer forge who it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from antechamber.policy.model import Network
from antechamber.policy.suggest import did_you_mean
from antechamber.policy.value import ValueProblem, items_of, quoted

PRIVATE: tuple[Network, ...] = (
    IPv4Network("127.0.0.0/8"),  # RFC 1122, section 3.2.1.3
    IPv4Network("10.0.0.0/8"),  # RFC 1918
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),  # RFC 4291, section 2.5.3
    IPv6Network("fc00::/7"),  # RFC 4193
)
"""What Caddy calls ``private_ranges``: loopback and the addresses that are not routed on the internet."""

CLOUDFLARE_AS_OF = "2023-09-28"
"""The date of Cloudflare's last change to the list (https://www.cloudflare.com/ips/)."""

CLOUDFLARE: tuple[Network, ...] = (
    *(
        IPv4Network(block)
        for block in (
            "173.245.48.0/20",
            "103.21.244.0/22",
            "103.22.200.0/22",
            "103.31.4.0/22",
            "141.101.64.0/18",
            "108.162.192.0/18",
            "190.93.240.0/20",
            "188.114.96.0/20",
            "197.234.240.0/22",
            "198.41.128.0/17",
            "162.158.0.0/15",
            "104.16.0.0/13",
            "104.24.0.0/14",
            "172.64.0.0/13",
            "131.0.72.0/22",
        )
    ),
    *(
        IPv6Network(block)
        for block in (
            "2400:cb00::/32",
            "2606:4700::/32",
            "2803:f800::/32",
            "2405:b500::/32",
            "2405:8100::/32",
            "2a06:98c0::/29",
            "2c0f:f248::/32",
        )
    ),
)
"""https://www.cloudflare.com/ips-v4 and https://www.cloudflare.com/ips-v6."""

WORDS: dict[str, tuple[Network, ...]] = {"private": PRIVATE, "cloudflare": CLOUDFLARE, "none": ()}


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks without duplicates, in the order written."""

    metavar: str = "CIDR,…"
    forms: str = (
        "CIDR blocks (`10.0.0.0/8`), single addresses, and the words `private` (loopback, RFC 1918, RFC 4193), "
        "`cloudflare` (its published ranges) and `none`, with commas, as a list, or by repeating the flag"
    )

    def parse(self, raw: object, *, base: Path) -> tuple[Network, ...]:
        way_out = "Write CIDR blocks such as 10.0.0.0/8, or the words private or cloudflare."
        if isinstance(raw, list | tuple) and not raw:
            return ()
        found: dict[Network, None] = {}
        for item in items_of(raw, what="a list of networks", way_out=way_out):
            word = WORDS.get(item.lower())
            found |= dict.fromkeys((_network(item, way_out),) if word is None else word)
        return tuple(found)


def _network(item: str, way_out: str) -> Network:
    address, percent, _ = item.partition("%")
    if percent:
        raise ValueProblem(f"{quoted(item)} names an interface, which is not looked at", f"Write {address}.")
    try:
        network = ip_network(item)
    except ValueError:
        raise _refused(item, way_out) from None
    if network.prefixlen == 0:
        raise ValueProblem(
            f"{quoted(item)} trusts every peer, so anybody could forge any address", "Name the proxy's own addresses."
        )
    return network


def _refused(item: str, way_out: str) -> ValueProblem:
    try:
        loose = ip_network(item, strict=False)
    except ValueError:
        hint = did_you_mean(item, WORDS)
        return ValueProblem(f"{quoted(item)} is not a network", f"{hint} {way_out}".strip())
    return ValueProblem(f"{quoted(item)} has bits set outside its mask", f"Write {loose}.")

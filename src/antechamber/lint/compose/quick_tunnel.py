"""``cloudflared tunnel --url``: a tunnel without an account, which carries no event streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from antechamber.lint.compose.services import Service
from antechamber.policy.effective import Effective, EffectiveRoute, Place, Source
from antechamber.policy.model import Policy, Route
from antechamber.policy.observation import Observation


@dataclass(frozen=True, slots=True)
class QuickTunnel:
    """All that is known of one: where it leads to, and what kind of tunnel it is."""

    service: Service
    upstream: str

    @property
    def names(self) -> tuple[str, ...]:
        return ()

    @property
    def upstreams(self) -> tuple[str, ...]:
        return (self.upstream,)

    @property
    def place(self) -> Place | None:
        return self.service.command_place

    @property
    def fragment(self) -> bool:
        return False

    def singles_out(self, path: str) -> bool:
        del path
        return False

    def effective(self, route: Route, policy: Policy) -> EffectiveRoute | None:
        """It passes everything on; how, is not in the file."""
        del policy
        return EffectiveRoute(route.path, {})

    def observations(self) -> Mapping[Observation, Effective]:
        told = "tunnel --url, without the name of a tunnel, makes a quick one"
        return {Observation.QUICK_TUNNEL: Effective(True, Source.SET, told, self.place)}


def quick_tunnel(service: Service) -> QuickTunnel | None:
    """The quick tunnel that a service is, if it is one."""
    words = service.command
    if service.product != "cloudflared" or "tunnel" not in words or "run" in words:
        return None
    if any(word.partition("=")[0] in ("--token", "--name", "--config") for word in words):
        return None
    if {"TUNNEL_TOKEN", "TUNNEL_NAME"} & set(service.environment):
        return None
    url = next((word.partition("=")[2] for word in words if word.startswith("--url=")), "")
    if not url and "--url" in words[:-1]:
        url = words[words.index("--url") + 1]
    said = service.environment.get("TUNNEL_URL")
    url = url or (said.value or "" if said else "")
    return QuickTunnel(service, _authority(url)) if url else None


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc or url
    except ValueError:
        return url

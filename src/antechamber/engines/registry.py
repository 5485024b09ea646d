"""The engines, by name. A new one is a folder and a line here."""

from __future__ import annotations

from antechamber.engines.base import Engine
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.cloudflare.engine import Cloudflare
from antechamber.engines.edge.engine import Edge
from antechamber.engines.haproxy.engine import HAProxy
from antechamber.engines.nginx.engine import Nginx
from antechamber.engines.npm.engine import Npm
from antechamber.errors import ConfigError
from antechamber.policy.suggest import did_you_mean

ENGINES: tuple[Engine, ...] = (Nginx(), Npm(), Caddy(), HAProxy(), Cloudflare(), Edge())
"""In the order in which they are listed to people."""


def engine(name: str) -> Engine:
    """The engine called ``name``, or a :class:`ConfigError` with the names there are."""
    names = [one.name for one in ENGINES]
    for one in ENGINES:
        if one.name == name:
            return one
    hint = did_you_mean(name, names)
    raise ConfigError(f"no such engine: {ascii(name)[1:-1]}", way_out=f"{hint} Known: {', '.join(names)}.".strip())

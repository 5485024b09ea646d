"""The engines, by name. A new one is a folder and a line here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from antechamber.engines.base import Engine
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.caddy.notation import CaddyJson
from antechamber.engines.cloudflare.engine import Cloudflare
from antechamber.engines.edge.engine import Edge
from antechamber.engines.haproxy.engine import HAProxy
from antechamber.engines.nginx.engine import Nginx
from antechamber.engines.npm.engine import Npm
from antechamber.errors import ConfigError
from antechamber.policy.suggest import did_you_mean

ENGINES: tuple[Engine, ...] = (Nginx(), Npm(), Caddy(), HAProxy(), Cloudflare(), Edge())
"""In the order in which they are listed to people."""


IN_JSON: Mapping[str, Engine] = {"caddy": CaddyJson()}
"""The ones that take their configuration in JSON as well, by the name of the engine."""


def engine(name: str, *, among: Sequence[Engine] = ENGINES) -> Engine:
    """The engine called ``name``, or a :class:`ConfigError` with the names there are ``among`` the wanted."""
    names = [one.name for one in among]
    for one in ENGINES:
        if one.name == name:
            return one
    hint = did_you_mean(name, names)
    raise ConfigError(f"no such engine: {ascii(name)[1:-1]}", way_out=f"{hint} Known: {', '.join(names)}.".strip())


def engine_in_json(name: str) -> Engine:
    """The same, configured in JSON; a :class:`ConfigError` where the engine has no such notation."""
    if found := IN_JSON.get(name):
        return found
    raise ConfigError(f"{engine(name).title} has no JSON", place="--format", way_out="Leave --format out.")

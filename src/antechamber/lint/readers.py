"""Which reader takes which kind of file."""

from __future__ import annotations

from collections.abc import Callable

from antechamber.errors import ConfigError
from antechamber.lint.caddy.read import read_caddyfile, read_json
from antechamber.lint.compose import read as read_compose
from antechamber.lint.files import Configuration
from antechamber.lint.haproxy.read import read as read_haproxy
from antechamber.lint.kind import Kind
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.read import read as read_nginx
from antechamber.lint.reading import Reading

Program = Callable[[], str]
"""Where an engine's own program is; :class:`ConfigError` where it is not."""


def read(configuration: Configuration, *, version: Version | None = None, caddy: Program | None = None) -> Reading:
    """What a configuration says. Raises :class:`ConfigError`."""
    source = configuration.source
    match configuration.kind:
        case Kind.NGINX:
            return read_nginx(source, version=version).reading
        case Kind.HAPROXY:
            return read_haproxy(source)
        case Kind.CADDY_JSON:
            return read_json(source)
        case Kind.CADDYFILE:
            return read_caddyfile(source, _program(caddy, source.name))
        case Kind.COMPOSE:
            return read_compose(source)
        case Kind.NPM_DATABASE:
            raise ConfigError("the database of Nginx Proxy Manager cannot be read yet", place=source.name)


def _program(find: Program | None, name: str) -> str:
    """Caddy's program: nobody but Caddy reads a Caddyfile for certain."""
    way_out = "Install it (pip install antechamber[caddy]), or give the output of caddy adapt."
    if find is None:
        raise ConfigError("cannot tell: a Caddyfile is read by Caddy itself", place=name, way_out=way_out)
    try:
        return find()
    except ConfigError:
        raise ConfigError(
            "cannot tell: a Caddyfile is read by Caddy itself, which is not here", place=name, way_out=way_out
        ) from None

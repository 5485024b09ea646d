"""Which reader takes which kind of file."""

from __future__ import annotations

from antechamber.errors import ConfigError
from antechamber.lint.files import Configuration
from antechamber.lint.haproxy.read import read as read_haproxy
from antechamber.lint.kind import Kind
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.read import read as read_nginx
from antechamber.lint.reading import Reading


def read(configuration: Configuration, *, version: Version | None = None) -> Reading:
    """What a configuration says. Raises :class:`ConfigError`."""
    match configuration.kind:
        case Kind.NGINX:
            return read_nginx(configuration.source, version=version).reading
        case Kind.HAPROXY:
            return read_haproxy(configuration.source)
        case Kind.CADDYFILE | Kind.CADDY_JSON | Kind.COMPOSE | Kind.NPM_DATABASE:
            raise ConfigError(f"{configuration.kind} cannot be read yet", place=configuration.source.name)

"""Which reader takes which kind of file. Only that one is imported: the others would take longer than the reading."""

from __future__ import annotations

from collections.abc import Callable

from antechamber.lint.files import Configuration
from antechamber.lint.kind import Kind
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.read import read as read_nginx
from antechamber.lint.reading import Reading

Program = Callable[[], str]
"""Where an engine's own program is; :class:`antechamber.errors.ConfigError` where it is not."""


def read(
    configuration: Configuration, *, version: Version | None = None, caddy: Program | None = None
) -> tuple[Reading, ...]:
    """What a configuration says: one reading, or one for each proxy of a compose file. Raises
    :class:`antechamber.errors.ConfigError`."""
    if configuration.kind is Kind.COMPOSE:
        from antechamber.lint.compose.read import read as read_compose

        return read_compose(configuration.source, version=version, caddy=caddy)
    return (_read(configuration, version=version, caddy=caddy),)


def _read(configuration: Configuration, *, version: Version | None, caddy: Program | None) -> Reading:
    source = configuration.source
    match configuration.kind:
        case Kind.NGINX:
            return read_nginx(source, version=version).reading
        case Kind.HAPROXY:
            from antechamber.lint.haproxy.read import read as read_haproxy

            return read_haproxy(source)
        case Kind.CADDY_JSON:
            from antechamber.lint.caddy.read import read_json

            return read_json(source)
        case Kind.CADDYFILE:
            from antechamber.lint.caddy.read import program, read_caddyfile

            return read_caddyfile(source, program(caddy, source.name))
        case Kind.NPM_DATABASE:
            from antechamber.lint.nginx.npm_hosts import read as read_hosts

            assert source.path is not None
            return read_hosts(source.path, source.name, version=version)
        case Kind.COMPOSE:
            raise AssertionError("a compose file is several")

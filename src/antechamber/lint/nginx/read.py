"""A configuration's sites: its server blocks, or the one that a fragment is meant for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from antechamber.engines.nginx.syntax import Directive, parse
from antechamber.lint.nginx import npm
from antechamber.lint.nginx.config import Config, Files, read_config
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.loading import faults
from antechamber.lint.nginx.scopes import Level, Scopes
from antechamber.lint.nginx.site import NginxSite
from antechamber.lint.reading import Reading
from antechamber.lint.source import Source


@dataclass(frozen=True, slots=True)
class NginxReading:
    """What was read, with what a fix needs to know of it."""

    reading: Reading
    config: Config
    sites: tuple[NginxSite, ...]
    source: Source
    version: Version | None = None

    def again(self, texts: Mapping[str, str]) -> NginxReading:
        """The same configuration with other texts in its files."""
        return read(self.source, version=self.version, instead=texts)


def read(
    source: Source,
    *,
    version: Version | None = None,
    instead: Mapping[str, str] | None = None,
    files: Files | None = None,
) -> NginxReading:
    """The sites that begin in ``source``. Raises :class:`antechamber.errors.ConfigError`."""
    config = read_config(source, instead=instead, files=files)
    generated = npm.is_generated(source.text)
    sites = tuple(_sites(config.top, version, generated=generated))
    reading = Reading(
        engine="npm" if generated else "nginx",
        sites=sites,
        faults=tuple(faults(config.top)),
        unread=(
            *config.unread,
            *_about_none(config, sites),
            *(_about_npm(sites) if generated else _about_advanced(sites)),
        ),
        texts=config.texts,
    )
    return NginxReading(reading, config, sites, source, version)


def _sites(top: Sequence[Directive], version: Version | None, *, generated: bool) -> list[NginxSite]:
    http = [one for one in top if one.name == "http"]
    if http:
        main = Level("main", top)
        if (bare := _without_server(http)) is not None:
            whole = Scopes(
                (Level("http", [one for one in bare.block if one.name != "location"], bare), main), whole=True
            )
            return [NginxSite(block=bare.block, directive=None, outside=whole, version=version)]
        return [
            site
            for block in http
            for site in _servers(block.block, Scopes((Level("http", block.block, block), main), whole=True), version)
        ]
    if any(one.name == "server" and one.braces for one in top):
        npms_own = parse(npm.HTTP_LEVEL, file="nginx.conf of Nginx Proxy Manager") if generated else ()
        return _servers(top, Scopes((Level("http", (*npms_own, *top)),), whole=generated), version)
    around = Scopes((Level("http", [one for one in top if one.name in ("map", "geo", "upstream")]),), whole=False)
    return [NginxSite(block=tuple(top), directive=None, outside=around, version=version)] if top else []


def _without_server(http: Sequence[Directive]) -> Directive | None:
    """An http block with locations and no server: what was meant is one, and nginx loads none of it."""
    found = [one for one in http if not any(inner.name == "server" for inner in one.block)]
    return next((one for one in found if any(inner.name == "location" for inner in one.block)), None)


def _about_none(config: Config, sites: Sequence[NginxSite]) -> list[str]:
    """That there is nothing to judge, where people would look for something."""
    http = next((one for one in config.top if one.name == "http"), None)
    return [] if sites or http is None else [f"{http.place}: no server is in it, nor in what it includes"]


def _about_npm(sites: Sequence[NginxSite]) -> list[str]:
    """What goes wrong in a container, and with a text that takes the place of NPM's own location."""
    remarks = []
    for site in sites:
        local = [one for one in site.upstreams if one.startswith(("127.", "localhost", "[::1]"))]
        if local:
            remarks.append(f"{site.place}: {local[0]} is Nginx Proxy Manager itself when it runs in its container")
        for one in site.block:
            if one.name == "location" and one.arguments == ("/",) and not _is_npms_own(one):
                remarks.append(
                    f"{one.place}: a location / in the Advanced text: access list and HSTS do not hold there"
                )
    return remarks


def _about_advanced(sites: Sequence[NginxSite]) -> list[str]:
    """What becomes of a text without a server in Nginx Proxy Manager, whose Advanced field is where many are pasted."""
    return [
        f"{one.place}: in the Advanced field of Nginx Proxy Manager this is a duplicate, and the host does not load, "
        "while Websockets Support is on"
        for site in sites
        if site.fragment
        for one in site.block
        if one.name == "proxy_http_version"
    ]


def _is_npms_own(location: Directive) -> bool:
    return any("of Nginx Proxy Manager" in one.place.file for one in location.block)


def _servers(level: Sequence[Directive], outside: Scopes, version: Version | None) -> list[NginxSite]:
    servers = [one for one in level if one.name == "server" and one.braces]
    return [
        NginxSite(
            block=one.block,
            directive=one,
            outside=outside,
            others=tuple(other for other in servers if other is not one),
            version=version,
        )
        for one in servers
    ]

"""A compose file as configurations: of each proxy among its services, what it is given to read.

A proxy is known by where a file is mounted (``/etc/nginx/nginx.conf``, ``/etc/caddy/Caddyfile``), for images are built
and renamed; its image says the rest: which nginx, and what stands around a file of ``conf.d``. What is not read is told
with its place, so that nobody takes silence about it for praise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from antechamber.lint.compose import labels, nginx_proxy, services
from antechamber.lint.compose.container import Container
from antechamber.lint.compose.inlined import Columns, taken_away
from antechamber.lint.compose.placed import PlacedSite, host_of
from antechamber.lint.compose.quick_tunnel import quick_tunnel
from antechamber.lint.compose.services import Compose, Mount, Service
from antechamber.lint.kind import Kind, kind_of
from antechamber.lint.nginx.config import NotRead
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.read import read as read_nginx
from antechamber.lint.reading import Reading
from antechamber.lint.source import Source

NGINX_MAIN = (
    "/etc/nginx/nginx.conf",
    "/usr/local/openresty/nginx/conf/nginx.conf",
    "/opt/bitnami/nginx/conf/nginx.conf",
)
NGINX_SITES = (
    "/etc/nginx/conf.d/*.conf",
    "/etc/nginx/http.d/*.conf",
    "/etc/nginx/sites-enabled/*",
    "/etc/nginx/templates/*.template",
    "/opt/bitnami/nginx/conf/server_blocks/*.conf",
    "/config/nginx/site-confs/*.conf",
    "/config/nginx/proxy-confs/*.conf",
)
CADDYFILE = "/etc/caddy/Caddyfile"
HAPROXY = ("/usr/local/etc/haproxy/haproxy.cfg", "/etc/haproxy/haproxy.cfg")
NPM_DATA = "/data"
NPM_PRODUCTS = frozenset({"nginx-proxy-manager"})
_PLAIN_NGINX = frozenset({"nginx", "nginx-unprivileged", "openresty"})
"""Images whose nginx.conf has nothing at http level that matters here, but the include of conf.d."""
_PROXIES = {"nginx", "nginx-unprivileged", "openresty", "caddy", "haproxy", "swag", *NPM_PRODUCTS}
_TAG = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])")
_LOCAL = ("127.", "localhost:", "[::1]")

Caddy = Callable[[], str]


def read(source: Source, *, version: Version | None = None, caddy: Caddy | None = None) -> tuple[Reading, ...]:
    """What the proxies of a compose file say, and a last reading for the file itself. Raises :class:`ConfigError`."""
    compose = services.read(source)
    readings: list[Reading] = []
    remarks = [
        f"{one.place}: {one.name} {ascii(one.value or 'a file')[1:-1]}, which was not read" for one in compose.elsewhere
    ]
    for service in compose.services:
        work = _Service(compose, service, version, caddy, remarks)
        readings += [one for one in work.readings() if not _is_told(one, readings, source.name)]
    readings += _nginx_proxy(compose, version, remarks)
    readings += _caddy_labels(compose, caddy, remarks)
    tunnels = [found for service in compose.services if (found := quick_tunnel(service))]
    if tunnels:
        sites = tuple(PlacedSite(inner=one, compose=compose) for one in tunnels)
        readings.append(Reading(engine="cloudflare", sites=sites, texts={source.name: source.text}))
    remarks += _traefik(compose)
    own = Reading(engine="nginx", sites=(), unread=tuple(remarks), texts={source.name: source.text})
    return (*readings, own)


@dataclass(frozen=True, slots=True)
class _Service:
    """One service, looked at as each of the proxies that it may be."""

    compose: Compose
    service: Service
    version: Version | None
    caddy: Caddy | None
    remarks: list[str]

    def readings(self) -> list[Reading]:
        if self.service.product in nginx_proxy.PRODUCTS:
            return []
        told = len(self.remarks)
        found = [*self._npm()] or [*self._nginx(), *self._caddy(), *self._haproxy()]
        if not found and told == len(self.remarks) and self.service.product in _PROXIES:
            self.remarks.append(f"{self.service.place}: what {self.service.name} is given to read was not found here")
        for mount in self.service.mounts:
            if mount.content is not None:
                self._about_content(mount)
        return [_placed(one, self.compose) for one in found]

    def _container(self, home: str = "/etc/nginx") -> Container:
        return Container(self.compose, self.service, home)

    def _nginx(self) -> Iterator[Reading]:
        for main in NGINX_MAIN:
            container = self._container(main.rpartition("/")[0])
            if (mount := container.mount(main)) and (source := self._start(container, main, mount, Kind.NGINX)):
                yield self._read_nginx(source, container)
                return
        patterns = [one for one in NGINX_SITES if self._container().mounted_at(one)]
        if not patterns:
            return
        home = "/config/nginx" if patterns[0].startswith("/config") else "/etc/nginx"
        includes = " ".join(f"include {one};" for one in patterns)
        text = f"http {{ {includes} }}" if self.service.product in _PLAIN_NGINX else includes
        name = f"nginx.conf of {self.service.image or self.service.name}"
        reading = self._read_nginx(Source(name, text), self._container(home))
        if reading.sites:
            yield reading
        elif self.service.product in _PROXIES:
            self._not_here(mount for one in patterns for mount in self._container().mounted_at(one))

    def _read_nginx(self, source: Source, container: Container) -> Reading:
        version = self.version or _version(self.service)
        reading = read_nginx(source, version=version, files=container).reading
        self._follow(reading)
        shown = {**reading.texts, **container.filled_in}
        texts = {name: self._own_text(name, text) for name, text in shown.items() if name != source.name}
        if source.path or source.name == self.compose.source.name:
            texts[source.name] = self._own_text(source.name, source.text)
        return replace(reading, texts=texts)

    def _own_text(self, name: str, text: str) -> str:
        """Of the compose file the text as it is, not what a reader was given of it."""
        return self.compose.source.text if name == self.compose.source.name else text

    def _caddy(self) -> Iterator[Reading]:
        container = self._container("/etc/caddy")
        if (mount := container.mount(CADDYFILE)) and (
            source := self._start(container, CADDYFILE, mount, Kind.CADDYFILE)
        ):
            reading = _read_caddyfile(source, self.caddy)
            self._follow(reading)
            texts = {name: self._own_text(name, text) for name, text in reading.texts.items()}
            yield replace(reading, texts=texts)

    def _haproxy(self) -> Iterator[Reading]:
        for main in HAPROXY:
            container = self._container(main.rpartition("/")[0])
            if (mount := container.mount(main)) and (source := self._start(container, main, mount, Kind.HAPROXY)):
                from antechamber.lint.haproxy.read import read as read_haproxy

                reading = read_haproxy(source)
                self._follow(reading)
                yield replace(reading, texts={source.name: self._own_text(source.name, source.text)})
                return

    def _npm(self) -> Iterator[Reading]:
        """Its database if that is in a folder here, else the files that it wrote."""
        if self.service.product not in NPM_PRODUCTS:
            return
        container = self._container("/data")
        database = container.path(f"{NPM_DATA}/database.sqlite")
        if database is not None:
            from antechamber.lint.nginx.npm_hosts import read as read_hosts

            reading = read_hosts(database, str(database), version=self.version)
            self._follow(reading)
            yield reading
            return
        written = container.find(f"{NPM_DATA}/nginx/proxy_host/*.conf")
        for source in written:
            yield self._read_nginx(source, container)
        if not written:
            self._not_here(mount for mount in self.service.mounts if mount.target.rstrip("/") == NPM_DATA)

    def _start(self, container: Container, target: str, mount: Mount, kind: Kind) -> Source | None:
        """The file that a proxy begins to read at, if it is here and is one."""
        try:
            (source,) = container.find(target)
        except (NotRead, ValueError):
            self._not_here([mount])
            return None
        if source.path and kind_of(source.text) is not kind:
            self.remarks.append(f"{mount.place}: {source.name} does not look like a {kind} file, and was not read")
            return None
        return source

    def _not_here(self, mounts: Sequence[Mount] | Iterator[Mount]) -> None:
        for mount in mounts:
            if mount.content is not None:
                why = "its content is not a block behind |, so it was not read"
            elif mount.source is None:
                why = "where that is, only the environment of Compose knows"
            elif not mount.source.startswith((".", "/")):
                why = f"that is in the volume {mount.source}, which is no folder here"
            else:
                why = f"{mount.source} is not here, or leads outside of this folder"
            self.remarks.append(
                f"{mount.place}: what {self.service.name} finds at {mount.target} was not read: {ascii(why)[1:-1]}"
            )

    def _about_content(self, mount: Mount) -> None:
        assert mount.content is not None
        if mount.content.literal:
            for place, word in taken_away(mount.content, self.compose.source):
                self.remarks.append(
                    f"{place}: Compose takes {word} for a variable of its own; a text that is to have it says ${word}"
                )

    def _follow(self, reading: Reading) -> None:
        """Tells what was followed, and which services are behind it."""
        for site in reading.sites:
            name = site.place.file if site.place else self.service.name
            for upstream in site.upstreams:
                if found := self.compose.by_host(host_of(upstream)):
                    origin = f", {found.origin}" if found.origin else ""
                    self._remark_once(f"{name}: {upstream} is service {found.name} ({found.place}{origin})")
                elif upstream.startswith(_LOCAL) and not self.service.host_network:
                    self._remark_once(
                        f"{self.service.place}: {upstream} is the container of {self.service.name} itself, "
                        "not the app's: name its service"
                    )

    def _remark_once(self, remark: str) -> None:
        if remark not in self.remarks:
            self.remarks.append(remark)


def _is_told(reading: Reading, told: Sequence[Reading], compose: str) -> bool:
    """Whether another service reads the very same files: a copy of it, or a test of its configuration."""
    files = {name for name in reading.texts if name != compose}
    return bool(files) and any(one.engine == reading.engine and files <= set(one.texts) for one in told)


def _placed(reading: Reading, compose: Compose) -> Reading:
    sites = tuple(PlacedSite(inner=one, compose=compose) for one in reading.sites)
    columns = Columns(compose.source)
    faults = tuple(replace(one, place=columns.at(one.place)) for one in reading.faults)
    return replace(reading, sites=sites, faults=faults)


def _version(service: Service) -> Version | None:
    """Which nginx an image has, where its tag says so exactly enough."""
    found = _TAG.match(service.tag) if service.product in _PLAIN_NGINX else None
    if found is None:
        return None
    if found[3] is None:
        return None if (found[1], found[2]) == ("1", "29") else (int(found[1]), int(found[2]), 0)
    return int(found[1]), int(found[2]), int(found[3])


def _read_caddyfile(source: Source, caddy: Caddy | None) -> Reading:
    from antechamber.lint.caddy.read import program, read_caddyfile

    return read_caddyfile(source, program(caddy, source.name))


def _nginx_proxy(compose: Compose, version: Version | None, remarks: list[str]) -> Iterator[Reading]:
    """A site for each service with ``VIRTUAL_HOST``, where nginx-proxy is among the services."""
    proxy = next((one for one in compose.services if one.product in nginx_proxy.PRODUCTS), None)
    for service, name in nginx_proxy.served(compose):
        if proxy is None:
            remarks.append(f"{name.place}: VIRTUAL_HOST is for nginx-proxy, which is not in this file: cannot tell")
            continue
        container = Container(compose, proxy)
        text = nginx_proxy.server(container, service, name)
        if text is None:
            remarks.append(f"{name.place}: what nginx-proxy makes of this service cannot be told")
            continue
        line = name.place.line
        whole = "\n" * (line - 1) + f"http {{ {nginx_proxy.http_level(container)} {text} }}\n"
        reading = read_nginx(Source(compose.source.name, whole), version=version, files=container).reading
        sites = tuple(
            PlacedSite(inner=one, compose=compose, made={line: name.place.column})
            for one in reading.sites
            if name.value and set(one.names) & {word.strip() for word in name.value.split(",")}
        )
        if nginx_proxy.believes(proxy) and sites:
            remarks.append(
                f"{proxy.place}: nginx-proxy believes forwarded fields of anybody, unless TRUST_DOWNSTREAM_PROXY is "
                "false"
            )
        yield replace(reading, sites=sites, texts={**reading.texts, compose.source.name: compose.source.text})


def _caddy_labels(compose: Compose, caddy: Caddy | None, remarks: list[str]) -> Iterator[Reading]:
    for service in compose.services:
        try:
            lines = labels.sites(service)
        except labels.NotTold as reason:
            remarks.append(f"{reason.label.place}: what caddy-docker-proxy makes of it cannot be told: {reason}")
            continue
        if not lines:
            continue
        from antechamber.lint.caddy.read import program, read_made

        reading = read_made(
            compose.source, [(one.text, one.number) for one in lines], program(caddy, compose.source.name)
        )
        made = {one.place.line: one.place.column for one in service.labels}
        sites = tuple(PlacedSite(inner=one, compose=compose, made=made) for one in reading.sites)
        yield replace(reading, sites=sites)


def _traefik(compose: Compose) -> Iterator[str]:
    for service in compose.services:
        found = [one for one in service.labels if one.name.startswith("traefik.http.")]
        if found:
            yield (
                f"{found[0].place}: Traefik is told of {service.name} by labels, which nothing here reads yet: "
                "cannot tell"
            )

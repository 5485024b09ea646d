"""nginx-proxy (the one that listens to Docker): what it writes for a service with ``VIRTUAL_HOST``, as nginx's text.

After its template, ``nginx.tmpl`` of 1.x: what it sets at http level unless a ``proxy.conf`` is mounted instead, and a
server for each name, into which files of ``vhost.d`` are included. It believes forwarded fields of anybody unless
``TRUST_DOWNSTREAM_PROXY`` says otherwise (https://github.com/nginx-proxy/nginx-proxy/tree/main/docs). Whether answers
are buffered and what becomes of a port in ``Host`` has changed between its versions: that is left unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from antechamber.lint.compose.container import Container
from antechamber.lint.compose.services import Compose, Service, Setting

PRODUCTS = frozenset({"nginx-proxy"})
_HOST = re.compile(r"[\w.*-]{1,253}")
_PORT = re.compile(r"\d{1,5}")
_BELIEVED = "default $http_x_forwarded_{name}; '' {own};"
_FORWARDED = (("proto", "$scheme"), ("host", "$host"), ("port", "$server_port"))
_FIELDS = (
    "proxy_http_version 1.1; proxy_buffering $compose_version; proxy_set_header Host $compose_version;"
    " proxy_set_header Upgrade $http_upgrade;"
    " proxy_set_header Connection $proxy_connection; proxy_set_header X-Real-IP $remote_addr;"
    " proxy_set_header X-Forwarded-Host $proxy_x_forwarded_host;"
    " proxy_set_header X-Forwarded-For $proxy_x_forwarded_for;"
    " proxy_set_header X-Forwarded-Proto $proxy_x_forwarded_proto;"
    " proxy_set_header X-Forwarded-Ssl $proxy_x_forwarded_ssl;"
    " proxy_set_header X-Forwarded-Port $proxy_x_forwarded_port; proxy_set_header X-Original-URI $request_uri;"
    ' proxy_set_header Proxy "";'
)


def believes(proxy: Service) -> bool | None:
    """Whether it believes what clients say of themselves; ``None`` if only the environment knows."""
    said = proxy.environment.get("TRUST_DOWNSTREAM_PROXY")
    if said is None:
        return True
    return None if said.value is None else said.value.strip().lower() == "true"


def served(compose: Compose) -> Iterator[tuple[Service, Setting]]:
    """The services that ask to be served, each with its ``VIRTUAL_HOST``."""
    for service in compose.services:
        if name := service.environment.get("VIRTUAL_HOST"):
            yield service, name


def http_level(container: Container) -> str:
    """What stands around every server, on one line."""
    trusted = believes(container.service)
    maps = []
    for name, own in _FORWARDED:
        words = _BELIEVED.format(name=name, own=own) if trusted else f"default {own};"
        maps.append(f"map $http_x_forwarded_{name} $proxy_x_forwarded_{name} {{ {words} }}")
    chain = "$proxy_add_x_forwarded_for" if trusted else "$remote_addr"
    maps.append(f"map $http_x_forwarded_for $proxy_x_forwarded_for {{ default {chain}; }}")
    if trusted is None:
        maps = [one.replace("default $", "default $compose_") for one in maps]
    maps.append("map $http_upgrade $proxy_connection { default upgrade; '' $proxy_connection_noupgrade; }")
    maps.append("map $upstream_keepalive $proxy_connection_noupgrade { default ''; }")
    maps.append("map $proxy_x_forwarded_proto $proxy_x_forwarded_ssl { default off; https on; }")
    own = "include /etc/nginx/proxy.conf;" if container.mount("/etc/nginx/proxy.conf") else _FIELDS
    more = "include /etc/nginx/conf.d/*.conf;" if container.mounted_at("/etc/nginx/conf.d/*.conf") else ""
    return " ".join((*maps, own, more))


def server(container: Container, service: Service, name: Setting) -> str | None:
    """The server of a service, on one line; ``None`` where a name or a port is not a plain one."""
    hosts = [one.strip() for one in (name.value or "").split(",")]
    port = service.environment.get("VIRTUAL_PORT")
    number = port.value if port else (service.ports[0] if len(set(service.ports)) == 1 else "80")
    path = service.environment.get("VIRTUAL_PATH")
    if not hosts or not all(_HOST.fullmatch(one) for one in hosts) or not number or not _PORT.fullmatch(number):
        return None
    if path is not None and path.value != "/":
        return None
    around = _included(container, hosts[0], "")
    within = _included(container, hosts[0], "_location")
    return (
        f"server {{ listen 80; server_name {' '.join(hosts)}; {around} "
        f"location / {{ proxy_pass http://{service.name}:{number}; {within} }} }}"
    )


def _included(container: Container, host: str, suffix: str) -> str:
    """The file of ``vhost.d`` for a host, or the default one."""
    for name in (f"{host}{suffix}", f"default{suffix}"):
        if container.path(f"/etc/nginx/vhost.d/{name}"):
            return f"include /etc/nginx/vhost.d/{name};"
    return ""

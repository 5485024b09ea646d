"""Hops that people have, by name: each is a set of faults and a dress, with what was measured or where it is said.

They are models of what such a proxy does to live traffic with nobody's settings in it, not of everything it does.
"""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.hop.dress import Dress
from antechamber.hop.faults import Faults
from antechamber.hop.table import INNER

MB = 1_000_000
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One hop by name. ``like`` is for people; ``unlike`` says what the model leaves out."""

    name: str
    like: str
    faults: Faults
    dress: Dress
    http2: bool = False
    """Whether it speaks HTTP/2 to clients, where it is given a certificate."""
    unlike: tuple[str, ...]
    sources: tuple[str, ...]


PRESETS: tuple[Preset, ...] = (
    Preset(
        name="nginx-default",
        like="nginx before 1.29.7 with proxy_pass and nothing else: HTTP/1.0 to the app, everything buffered.",
        faults=Faults(
            strip_upgrade=True,
            collect_responses=True,
            collect_requests=True,
            cut_idle=60.0,
            max_body=1 * MIB,
            host=INNER,
            strip_header=frozenset(
                {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded", "via"}
            ),
        ),
        dress=Dress.NGINX,
        unlike=(
            "speaks HTTP/1.1 to the app, so the app frames its answers as usual",
            "lets go of a collected answer at 1 MiB, not at nginx's eight buffers and 1 GiB of temporary files",
            "drops what the client says in X-Forwarded-*; nginx passes it on",
        ),
        sources=(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html",
            "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size",
        ),
    ),
    Preset(
        name="npm-default",
        like="A proxy host of Nginx Proxy Manager as it is made: Websockets Support is off.",
        faults=Faults(
            strip_upgrade=True,
            collect_requests=True,
            cut_idle=90.0,
            max_body=2000 * MIB,
            drop_port=True,
            strip_header=frozenset({"x-forwarded-host", "forwarded", "via"}),
        ),
        dress=Dress.OPENRESTY,
        unlike=("drops what the client says in X-Forwarded-Host; Nginx Proxy Manager passes it on",),
        sources=(
            "https://github.com/NginxProxyManager/nginx-proxy-manager/blob/develop/docker/rootfs/etc/nginx/conf.d/include/proxy.conf",
        ),
    ),
    Preset(
        name="cloudflare-free",
        like="Cloudflare's free plan: HTTP/2, 100 s of silence, bodies up to 100 MB, its own compression and fields.",
        faults=Faults(
            cut_idle=100.0,
            max_body=100 * MB,
            compress=True,
            strip_header=frozenset({"x-forwarded-host", "x-real-ip", "forwarded", "via"}),
        ),
        dress=Dress.CLOUDFLARE,
        http2=True,
        unlike=(
            "does not speak HTTP/3, and speaks HTTP/2 only if it is given a certificate",
            "opens WebSockets over HTTP/2 as well as over HTTP/1.1; whether Cloudflare does was not seen",
            "compresses with brotli or gzip, which is the default; zstd takes a Compression Rule there",
            "caches nothing; static files are kept by --cache, which keeps everything",
            "does not append to the X-Forwarded-For that a client sends: it drops that",
        ),
        sources=(
            "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
            "https://developers.cloudflare.com/fundamentals/reference/http-headers/",
            "https://developers.cloudflare.com/speed/optimization/content/compression/",
            "https://developers.cloudflare.com/rules/compression-rules/settings/",
        ),
    ),
)

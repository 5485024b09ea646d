"""Nginx Proxy Manager's own parts: what its generated files include, and the http level that they stand in.

A file of ``/data/nginx/proxy_host`` alone says little: what its includes and NPM's ``nginx.conf`` say is known, and the
same on every installation (NginxProxyManager/nginx-proxy-manager 2.15.1, ``docker/rootfs/etc/nginx``). So it is put
around the file, where the files themselves are not at hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARK = re.compile(
    r"^[ \t]*include (?:(?:/etc/nginx/)?conf\.d/include/\w[\w-]*\.conf|/data/nginx/custom/\S+);", re.MULTILINE
)

HTTP_LEVEL = """\
keepalive_timeout 90s;
proxy_connect_timeout 90s;
proxy_send_timeout 90s;
proxy_read_timeout 90s;
gzip on;
client_max_body_size 2000m;
proxy_http_version 1.1;
proxy_set_header X-Forwarded-Scheme $scheme;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header Accept-Encoding "";
proxy_cache off;
map $host $forward_scheme { default http; }
map $http_x_forwarded_proto $x_forwarded_proto { "http" "http"; "https" "https"; default $scheme; }
map $http_x_forwarded_scheme $x_forwarded_scheme { "http" "http"; "https" "https"; default $scheme; }
set_real_ip_from 10.0.0.0/8;
set_real_ip_from 172.16.0.0/12;
set_real_ip_from 192.168.0.0/16;
real_ip_header X-Real-IP;
real_ip_recursive on;
"""

_PROXY = """\
add_header X-Served-By $host;
proxy_set_header Host $host;
proxy_set_header X-Forwarded-Scheme $x_forwarded_scheme;
proxy_set_header X-Forwarded-Proto $x_forwarded_proto;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Real-IP $remote_addr;
proxy_pass $forward_scheme://$server:$port$request_uri;
"""

INCLUDES: Mapping[str, str] = {
    "proxy.conf": _PROXY,
    "assets.conf": "location ~* ^.*\\.(css|js|jpe?g|gif|png|webp|woff|woff2|eot|ttf|svg|ico|css\\.map|js\\.map)$ {\n"
    "proxy_cache public-cache;\nproxy_cache_valid any 30m;\n"
    "proxy_ignore_headers Set-Cookie Cache-Control Expires X-Accel-Expires;\n"
    f"proxy_connect_timeout 5s;\nproxy_read_timeout 45s;\n{_PROXY}}}\n",
    "force-ssl.conf": "",
    "block-exploits.conf": "",
    "letsencrypt-acme-challenge.conf": "",
    "ssl-cache.conf": "",
    "ssl-cache-stream.conf": "",
    "ssl-ciphers.conf": "",
    "ip_ranges.conf": "",
    "log-proxy.conf": "",
    "hsts.conf": "",
    "resolvers.conf": "",
}
"""By file name; what is about other things than passing a request on is left empty."""


def is_generated(text: str) -> bool:
    """Whether ``text`` is a file that Nginx Proxy Manager wrote."""
    return _MARK.search(text) is not None


def known(pattern: str) -> str | None:
    """The text of one of NPM's own include files."""
    folder, _, name = pattern.rpartition("/")
    if folder.endswith("conf.d/include"):
        return INCLUDES.get(name)
    if pattern.startswith("/data/nginx/custom/"):
        return ""
    return None

"""What Nginx Proxy Manager 2.15 writes around an Advanced text, for a real nginx: the directives that meet ours.

http level, server block and its own ``location /`` stand in NPM's order; certificates and logs are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

_SOCKETS = (
    "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection; proxy_http_version 1.1;"
)

_PROXY = """
add_header X-Served-By $host;
proxy_set_header Host $host;
proxy_set_header X-Forwarded-Scheme $x_forwarded_scheme;
proxy_set_header X-Forwarded-Proto $x_forwarded_proto;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Real-IP $remote_addr;
proxy_pass $forward_scheme://$server:$port$request_uri;
"""

_ASSETS = """
location ~* ^.*\\.(css|js|jpe?g|gif|png|webp|woff|woff2|eot|ttf|svg|ico|css\\.map|js\\.map)$ {
    if_modified_since off;
    proxy_cache public-cache; proxy_cache_key $host$request_uri;
    proxy_ignore_headers Set-Cookie Cache-Control Expires X-Accel-Expires;
    proxy_cache_valid any 30m; proxy_cache_valid 404 1m;
    proxy_hide_header Last-Modified; proxy_hide_header Cache-Control; proxy_hide_header Vary;
    proxy_cache_bypass 0; proxy_no_cache 0;
    proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504 http_404;
    proxy_connect_timeout 5s; proxy_read_timeout 45s;
    expires @30m; access_log off;
    %s
}
"""


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches of a proxy host, and its access list."""

    websockets: bool = True
    assets: bool = False
    access: str = ""
    """Lines of an access list, such as ``deny all;``."""
    custom: bool = False
    """Whether there is a custom location, at ``/custom``."""


def config(advanced: str, switches: Switches, *, port: int, app_port: int) -> str:
    """A whole nginx.conf."""
    sockets = _SOCKETS if switches.websockets else ""
    own = f"location / {{ {switches.access} {sockets} {_PROXY} }}"
    custom = (
        "location /custom { proxy_set_header Host $host; proxy_set_header X-Forwarded-Scheme $scheme;"
        " proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-For $remote_addr;"
        f" proxy_set_header X-Real-IP $remote_addr; proxy_pass http://127.0.0.1:{app_port};"
        f" {switches.access} {sockets} }}"
    )
    return f"""
daemon off; user root; pid nginx.pid; error_log stderr notice; events {{}}
http {{
access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u;
scgi_temp_path s; keepalive_timeout 90s;
proxy_connect_timeout 90s; proxy_send_timeout 90s; proxy_read_timeout 90s;
gzip on; client_max_body_size 2000m; proxy_http_version 1.1;
proxy_set_header X-Forwarded-Scheme $scheme;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header Accept-Encoding "";
proxy_cache off;
proxy_cache_path public levels=1:2 keys_zone=public-cache:1m;
map $host $forward_scheme {{ default http; }}
map $http_x_forwarded_proto $x_forwarded_proto {{ http http; https https; default $scheme; }}
map $http_x_forwarded_scheme $x_forwarded_scheme {{ http http; https https; default $scheme; }}
set_real_ip_from 10.0.0.0/8; set_real_ip_from 172.16.0.0/12; set_real_ip_from 192.168.0.0/16;
real_ip_header X-Real-IP; real_ip_recursive on;
server {{
set $forward_scheme http; set $server 127.0.0.1; set $port {app_port};
listen 127.0.0.1:{port}; server_name _;
{_ASSETS % _PROXY if switches.assets else ""}
{sockets}
{advanced}
{custom if switches.custom else ""}
{own if "location / " not in advanced else ""}
}}
}}
"""

"""What nginx makes of a request is what the reader makes of it: locations, inheritance, variables, versions."""

from __future__ import annotations

import io

import pytest

from antechamber.engines.nginx.syntax import parse
from antechamber.lint.choice import Wanted
from antechamber.lint.files import configurations
from antechamber.lint.judge import lint
from antechamber.lint.kind import Kind
from antechamber.lint.nginx.locations import find
from antechamber.lint.nginx.read import read
from antechamber.lint.reading import Site
from antechamber.lint.source import Source, decoded
from antechamber.policy.effective import AS_ASKED, AS_SEEN, AS_SENT, PolicyField, Scalar
from antechamber.policy.model import Kind as RouteKind
from antechamber.policy.model import Route
from tests.lint.linting import POLICY, WANTED, ids, judged, reading, where

EVENTS = Route(name="events", path="/api/event", kind=RouteKind.SSE)
SOCKET = Route(name="socket", path="/api/event/ws", kind=RouteKind.WEBSOCKET)


def first(text: str, *, version: tuple[int, ...] | None = None) -> Site:
    return reading(text, kind=Kind.NGINX, version=version).sites[0]


def value(
    text: str, field: PolicyField, route: Route = EVENTS, *, version: tuple[int, ...] | None = None
) -> Scalar | None:
    found = first(text, version=version).effective(route, POLICY)
    assert found is not None
    return found.fields[field].value


@pytest.mark.parametrize(
    ("locations", "path", "chosen"),
    [
        ("location / {} location /a {} location /a/b {}", "/a/b/c", ["/a/b"]),
        ("location /a/b {} location = /a/b {}", "/a/b", ["/a/b"]),
        ("location /a {} location ~ b$ {} location ~ /a {}", "/a/b", ["b$"]),
        ("location ^~ /a {} location ~ b$ {}", "/a/b", ["/a"]),
        ("location /a { location /a/b {} location ~ c {} } location ~ b {}", "/a/b", ["b"]),
        ("location /a { location /a/b {} location ~ b {} } location ~ a {}", "/a/b", ["/a", "b"]),
        ("location /a { location ^~ /a/b {} } location ~ a {}", "/a/b", ["a"]),
        ("location ~* B$ {} location / {}", "/a/b", ["B$"]),
        ("location @a {} location / {}", "/a", ["/"]),
        ("location ~*\\.ws$ {} location / {}", "/a.WS", ["\\.ws$"]),
        ("location =/a {} location / {}", "/a", ["/a"]),
        ("location /b {}", "/a", []),
    ],
)
def test_the_location_is_the_one_that_nginx_finds(locations: str, path: str, chosen: list[str]) -> None:
    """https://nginx.org/en/docs/http/ngx_http_core_module.html#location"""
    assert [one.pattern for one in find(parse(locations), path).locations] == chosen


PROXY = "proxy_pass http://127.0.0.1:3000;"


def test_a_map_is_judged_by_what_it_does_whatever_its_name() -> None:
    maps = 'map $http_upgrade $any { default ""; ~*^websocket$ websocket; } map $any $other { "" ""; default upgrade; }'
    headers = "proxy_set_header Upgrade $any; proxy_set_header Connection $other;"
    text = f"{maps} server {{ location / {{ proxy_http_version 1.1; {headers} {PROXY} }} }}"
    assert value(text, PolicyField.UPGRADES, SOCKET) == "websocket"


def test_a_variable_that_is_made_elsewhere_is_unknown() -> None:
    text = "server { location / { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    text += f"proxy_set_header Connection $connection_upgrade; {PROXY} }} }}"
    assert value(text, PolicyField.UPGRADES, SOCKET) is None


def test_an_include_that_is_not_there_hides_what_it_could_say() -> None:
    text = f"server {{ location / {{ include proxy_params; {PROXY} }} }}"
    assert value(text, PolicyField.HOST) is None
    assert value(text, PolicyField.RESPONSE_STREAMED) is None


def test_a_directive_beside_such_an_include_is_known() -> None:
    text = f"server {{ location / {{ include proxy_params; proxy_buffering off; {PROXY} }} }}"
    assert value(text, PolicyField.RESPONSE_STREAMED) is True


def test_trust_in_everybody_lets_strangers_choose_their_address() -> None:
    text = "server { set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For; location / { %s } }"
    text %= "proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $remote_addr; " + PROXY
    assert value(text, PolicyField.CLIENT_ADDRESS) == AS_SENT
    assert value(text.replace("0.0.0.0/0", "10.0.0.0/8"), PolicyField.CLIENT_ADDRESS) == AS_SEEN


def test_the_http_version_depends_on_the_version_of_nginx() -> None:
    headers = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
    text = f"server {{ location / {{ {headers} {PROXY} }} }}"
    assert value(text, PolicyField.UPGRADES, SOCKET, version=(1, 22)) == ""
    assert value(text, PolicyField.UPGRADES, SOCKET, version=(1, 29, 7)) == "any"


def test_a_default_that_may_differ_is_likely_and_one_in_sight_is_certain() -> None:
    site = f"server {{ server_name openchamber; location / {{ {PROXY} }} }}"
    (likely,) = judged(site).fired("AC201")
    (certain,) = judged(f"events {{}} http {{ {site} }}").fired("AC201")
    assert (likely.certain, certain.certain) == (False, True)
    assert "default" in certain.evidence[0]


def test_a_condition_on_the_upgrade_holds_for_sockets_only() -> None:
    text = "server { location / { proxy_buffering on; if ($http_upgrade = websocket) { proxy_pass http://a:1; } %s } }"
    found = [first(text % PROXY).effective(route, POLICY) for route in (SOCKET, EVENTS)]
    assert all(found)


def test_files_that_are_not_there_lead_to_the_named_location() -> None:
    text = "server { location / { try_files $uri @app; } location @app { proxy_buffering off; %s } }".replace(
        "%s", PROXY
    )
    assert value(text, PolicyField.RESPONSE_STREAMED) is True


@pytest.mark.parametrize(
    "body",
    [
        "return 301 https://$host$request_uri;",
        "location / { return 404; }",
        "location / { root /srv; }",
        "location / { fastcgi_pass php; }",
        "location = /api/event { return 204; } location / { %s }".replace("%s", PROXY),
    ],
)
def test_a_route_that_nginx_answers_itself_is_not_passed_on(body: str) -> None:
    assert first(f"server {{ {body} }}").effective(EVENTS, POLICY) is None


def test_the_name_and_the_port_of_host_are_told_apart() -> None:
    text = "server {{ server_name a.example; location / {{ proxy_set_header Host {}; {} }} }}"
    hosts = {
        one: value(text.format(one, PROXY), PolicyField.HOST) for one in ("$http_host", "$host", "a.example", "app")
    }
    assert hosts == {
        "$http_host": AS_ASKED,
        "$host": "as asked, without the port",
        "a.example": AS_ASKED,
        "app": "app",
    }


DUMP = """# configuration file /etc/nginx/nginx.conf:
events {}
http {
    include /etc/nginx/conf.d/*.conf;
}

# configuration file /etc/nginx/conf.d/chamber.conf:
server {
    server_name openchamber.example.com;
    location / { proxy_pass http://127.0.0.1:3000; }
}
"""


def test_a_dump_is_read_with_the_places_of_its_files() -> None:
    (found,) = configurations(["-"], io.BytesIO(DUMP.encode()))
    assert found.kind is Kind.NGINX
    (finding,) = judged(DUMP).fired("AC201")
    assert str(finding.place) == "/etc/nginx/conf.d/chamber.conf:3:5"


def test_of_several_sites_the_one_of_the_app_is_judged() -> None:
    sites = "\n".join(
        f"server {{ server_name {name}.example; location / {{ proxy_pass http://127.0.0.1:{port}; }} }}"
        for name, port in (("blog", 2368), ("chat", 3000), ("git", 3001))
    )
    assert not judged(sites).judged
    assert ids(judged(sites, wanted=Wanted(site="chat.example")))
    assert ids(judged(sites, wanted=Wanted(upstream=POLICY.upstream)))
    assert {one.place.line for one in judged(sites, wanted=Wanted(upstream=POLICY.upstream)).findings if one.place} == {
        2
    }
    assert ids(judged(sites, wanted=Wanted(name="chat.example")))


def test_the_only_site_is_the_apps_if_somebody_says_which_app_it_is() -> None:
    site = "server { server_name a.example; location / { proxy_pass http://127.0.0.1:9999; } }\n"
    assert not judged(site).judged
    assert ids(judged(site, wanted=Wanted(app_said=True)))
    assert not judged(site + site.replace("a.", "b."), wanted=Wanted(app_said=True)).judged


INGRESS = """# Configuration checksum: 1
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    server {
        server_name chat.example.com ;
        listen 80;
        listen 443 ssl http2;
        location /api/event/ {
            set $namespace "chat";
            client_max_body_size 1m;
            proxy_set_header Host $best_http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_read_timeout 60s;
            rewrite_by_lua_block { lua_ingress.rewrite({ x = 1 }) }
            proxy_pass http://upstream_balancer;
        }
        location / {
            proxy_read_timeout 60s; client_max_body_size 1m; proxy_buffering off; proxy_pass http://upstream_balancer;
        }
    }
}
"""


def test_what_ingress_nginx_writes_is_read() -> None:
    found = judged(INGRESS, wanted=Wanted(site="chat.example.com"))
    assert {"AC301", "AC403"} <= ids(found)
    assert not found.fired("AC201")


def test_includes_stand_in_their_places(tmp_path: object) -> None:
    whole = read(Source("nginx.conf", "http { server { location / { proxy_pass http://a:1; } } }"))
    assert whole.sites[0].upstreams == ("a:1",)


SITE = "server {\n    server_name openchamber;\n    location / {\n        proxy_pass http://a;\n    }\n}\n"


@pytest.mark.parametrize("spoilt", [SITE.replace("\n", "\r\n"), SITE.replace("    ", "\t"), f"\ufeff{SITE}"])
def test_line_ends_tabs_and_a_byte_order_mark_change_nothing(spoilt: str) -> None:
    text = decoded(spoilt.encode(), name="site.conf")
    assert ids(judged(text)) == ids(judged(SITE))
    assert where(judged(text), "AC101").keys() == where(judged(SITE), "AC101").keys()


def test_locations_without_a_server_are_judged_and_do_not_load() -> None:
    text = "http {\n    location /api/event { proxy_pass http://a; }\n    location / { proxy_pass http://a; }\n}\n"
    found = judged(text)
    assert where(found, "AC802") == {2: {"/*"}}
    assert found.fired("AC201") or found.fired("AC509")


def test_a_site_that_passes_none_of_the_routes_on_is_told() -> None:
    text = SITE.replace("location / ", "location /chat/ ")
    linted = lint(reading(text), POLICY, WANTED)
    assert any(
        "site.conf:1:1: openchamber passes none of the routes of OpenChamber on" in one for one in linted.remarks
    )


def test_a_configuration_without_a_server_says_so() -> None:
    text = "events { }\nhttp {\n    include /etc/nginx/no-such-folder/*.conf;\n}\n"
    assert "site.conf:2:1: no server is in it, nor in what it includes" in reading(text, kind=Kind.NGINX).unread


def test_a_frontend_that_does_not_speak_http_is_told() -> None:
    text = "defaults\n    mode tcp\nfrontend f\n    bind :443\n    default_backend b\nbackend b\n    server a b:1\n"
    assert "site.conf:3:1: frontend f does not speak HTTP" in reading(text).unread[0]


@pytest.mark.parametrize(
    "body",
    [
        "error_page 418 = @app; if ($http_upgrade) { return 418; } proxy_pass http://b;",
        "error_page 418 502 = @app; if ($http_upgrade = websocket) { return 418; } root /srv;",
    ],
)
def test_a_return_that_an_error_page_sends_on_is_no_answer(body: str) -> None:
    """The way in which sockets are told from pages on one path."""
    text = f"server {{ location / {{ {body} }} location @app {{ proxy_pass http://a; proxy_read_timeout 9s; }} }}"
    assert value(text, PolicyField.STREAM_IDLE_S, SOCKET) == 9.0


def test_files_that_are_not_there_lead_to_the_error_page() -> None:
    text = (
        "server { root /srv; error_page 404 = @app; location / { try_files $uri =404; }"
        " location @app { proxy_pass http://a; proxy_read_timeout 9s; } }"
    )
    assert value(text, PolicyField.STREAM_IDLE_S) == 9.0


def test_an_error_page_that_leads_to_itself_ends() -> None:
    text = "server { location / { return 418; } error_page 418 = @a; location @a { return 418; } }"
    assert first(text).effective(EVENTS, POLICY) is None

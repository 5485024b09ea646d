"""Compose files: what a proxy among the services is given to read is read, at its own place."""

from __future__ import annotations

from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.policy.effective import Place
from tests.lint.composed import SITE, compose, judged, remarks, seen, service
from tests.lint.linting import SAMPLES, ids, line_of, where
from tests.lint.linting import judged as judge_text


@pytest.mark.parametrize(
    "volume",
    [
        "./site.conf:/etc/nginx/conf.d/default.conf:ro",
        "site.conf:/etc/nginx/conf.d/default.conf",  # a volume's name: not followed
        "{type: bind, source: ./site.conf, target: /etc/nginx/conf.d/default.conf, read_only: true}",
        "${HERE:-.}/site.conf:/etc/nginx/conf.d/default.conf",
        '"./site.conf:/etc/nginx/templates/site.conf.template"',
    ],
)
def test_a_file_that_is_mounted_is_read_where_it_stands(volume: str, tmp_path: Path) -> None:
    file = compose(tmp_path, service("nginx:1.25-alpine", volume), site_conf=SITE)
    found = where(judged(file), "AC403")
    if volume.startswith("site.conf"):
        assert not found
        assert "docker-compose.yml:5:9: what web finds at /etc/nginx/conf.d/default.conf was not read" in remarks(file)
        return
    assert set(found) == {line_of(SITE, "proxy_read_timeout")}
    (finding, *_) = judged(file).fired("AC403")
    assert finding.place is not None
    assert finding.place.file == str(tmp_path / "site.conf")


def test_the_service_behind_an_upstream_says_which_site_is_the_apps(tmp_path: Path) -> None:
    """Neither file nor site has the app's name; the image has it."""
    file = compose(tmp_path, service("nginx", "./site.conf:/etc/nginx/conf.d/a.conf"), site_conf=SITE)
    assert "AC101" in ids(judged(file))
    assert "app:3000 is service app" in remarks(file)
    assert f"{file}:7:3, ghcr.io/openchamber/openchamber:1" in remarks(file)
    file.write_text(file.read_text().replace("ghcr.io/openchamber/openchamber:1", "ghcr.io/somebody/wiki:1"))
    assert not ids(judged(file))


def test_includes_are_looked_for_in_the_container(tmp_path: Path) -> None:
    text = (
        "events {}\nhttp {\n    include mime.types;\n    include /etc/nginx/conf.d/*.conf;\n    include lost.conf;\n}\n"
    )
    mounts = ("./nginx.conf:/etc/nginx/nginx.conf:ro", "./sites:/etc/nginx/conf.d:ro")
    file = compose(tmp_path, service("nginx", *mounts), nginx_conf=text, sites__a_conf=SITE)
    (finding, *_) = judged(file).fired("AC509")
    assert finding.place is not None
    assert finding.place.file == str(tmp_path / "sites" / "a.conf")
    assert f"include lost.conf was not read: {file} does not mount it" in remarks(file)


def test_a_template_is_read_with_the_variables_of_the_service(tmp_path: Path) -> None:
    """https://hub.docker.com/_/nginx, "Using environment variables in nginx configuration"."""
    text = SITE.replace("app:3000", "${UPSTREAM}:3000").replace("30s", "$SILENCE").replace("$http_upgrade", "$http_x")
    services = service("nginx", "./templates:/etc/nginx/templates")
    services += "    environment: { UPSTREAM: '${APP:-app}', SILENCE: 20s, http_y: no }\n"
    file = compose(tmp_path, services)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.conf.template").write_text(text)
    assert set(where(judged(file), "AC403")) == {line_of(text, "$SILENCE")}
    assert text in [shown for reading in seen(file) for shown in reading.texts.values()], "values are not shown"


def test_services_in_one_line_are_services(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    file.write_text('services: {web: {image: nginx, volumes: ["./a.conf:/etc/nginx/conf.d/a.conf"]}}\n')
    (tmp_path / "a.conf").write_text(SITE)
    assert any(reading.sites for reading in seen(file))


def test_the_images_tag_says_which_nginx_it_is(tmp_path: Path) -> None:
    for tag, buffered in (("1.25", True), ("1.31.3", False)):
        file = compose(tmp_path, service(f"nginx:{tag}", "./site.conf:/etc/nginx/conf.d/a.conf"), site_conf=SITE)
        told = " ".join(one.evidence[0] for one in judged(file).fired("AC101"))
        assert ("default of nginx < 1.29.7" in told) == buffered


def test_a_folder_is_read_by_way_of_its_compose_file_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compose(tmp_path, service("nginx", "./site.conf:/etc/nginx/conf.d/a.conf"), site_conf=SITE)
    assert main(["lint", "--format", "github", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert told.count("AC509") == 1


def test_a_file_that_two_services_mount_is_told_once(tmp_path: Path) -> None:
    one = service("nginx", "./site.conf:/etc/nginx/conf.d/a.conf")
    file = compose(tmp_path, one + one.replace("web:", "spare:"), site_conf=SITE)
    assert len(judged(file).fired("AC509")) == 1


INLINE = """
configs:
  site:
    content: |
      server { # antechamber: ignore AC301 nothing is sent to it
        location / {
          proxy_pass http://app:3000;
          proxy_set_header Host $$host; proxy_read_timeout 30s;
          proxy_set_header Upgrade $http_upgrade;
        }
      }
"""


def test_a_text_in_the_compose_file_is_read_at_its_lines_and_columns(tmp_path: Path) -> None:
    mounted = "  web:\n    image: nginx\n    configs:\n      - {source: site, target: /etc/nginx/conf.d/default.conf}\n"
    file = compose(tmp_path, mounted, INLINE)
    text = file.read_text()
    found = judged(file)
    number = line_of(text, "proxy_read_timeout")
    column = text.split("\n")[number - 1].index("proxy_read_timeout") + 1
    assert {one.place for one in found.fired("AC403")} == {Place(str(file), number, column)}
    assert not {"AC301", "AC907"} & ids(found), "a comment in it is a comment of the file"


def test_a_variable_that_compose_takes_away_is_told_and_not_judged(tmp_path: Path) -> None:
    mounted = "  web:\n    image: nginx\n    configs: [{source: site, target: /etc/nginx/conf.d/default.conf}]\n"
    file = compose(tmp_path, mounted, INLINE)
    number = line_of(file.read_text(), "$http_upgrade")
    assert f"{file}:{number}:36: Compose takes $http_upgrade for a variable of its own" in remarks(file)
    assert "says $$http_upgrade" in remarks(file)


def test_a_text_in_quotes_is_said_to_be_unread(tmp_path: Path) -> None:
    mounted = "  web:\n    image: nginx\n    configs: [{source: site, target: /etc/nginx/nginx.conf}]\n"
    file = compose(tmp_path, mounted, '\nconfigs: {site: {content: "http { }"}}\n')
    assert "its content is not a block behind |" in remarks(file)


@pytest.mark.engine
def test_a_caddyfile_that_is_mounted_is_read(tmp_path: Path) -> None:
    text = "chat.example.com {\n\treverse_proxy app:3000 {\n\t\theader_up Host {host}\n\t}\n}\n"
    file = compose(tmp_path, service("caddy:2", "./Caddyfile:/etc/caddy/Caddyfile:ro"), Caddyfile=text)
    assert set(where(judged(file), "AC507")) == {3}


@pytest.mark.engine
def test_what_a_mounted_caddyfile_imports_is_read_beside_it(tmp_path: Path) -> None:
    part = "reverse_proxy app:3000 {\n\theader_up Host {host}\n}\n"
    text = "chat.example.com {\n\timport sites/*\n}\n"
    mounts = ("./Caddyfile:/etc/caddy/Caddyfile", "./sites:/etc/caddy/sites")
    file = compose(tmp_path, service("caddy:2", *mounts), Caddyfile=text, sites__app=part)
    assert {one.place for one in judged(file).fired("AC507")} == {Place(str(tmp_path / "sites" / "app"), 2, 2)}
    assert part in [shown for reading in seen(file) for shown in reading.texts.values()]


@pytest.mark.engine
def test_a_caddyfile_in_the_compose_file_is_read_at_its_lines(tmp_path: Path) -> None:
    rest = (
        "\nconfigs:\n  caddyfile:\n    content: |\n      chat.example.com {\n"
        "        reverse_proxy app:3000 {\n          header_up Host {host}\n        }\n      }\n"
    )
    mounted = "  web:\n    image: caddy\n    configs: [{source: caddyfile, target: /etc/caddy/Caddyfile}]\n"
    file = compose(tmp_path, mounted, rest)
    number = line_of(file.read_text(), "header_up")
    assert {one.place for one in judged(file).fired("AC507")} == {Place(str(file), number, 11)}


def test_a_haproxy_cfg_that_is_mounted_is_read(tmp_path: Path) -> None:
    text = (
        "defaults\n    mode http\n    timeout client 50s\n    timeout server 50s\n    timeout connect 5s\n"
        "frontend web\n    bind :80\n    default_backend app\nbackend app\n    server one app:3000\n"
    )
    mount = "./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro"
    file = compose(tmp_path, service("haproxy:2.8", mount), haproxy_cfg=text)
    assert line_of(text, "timeout server") in where(judged(file), "AC403")


def test_a_haproxy_cfg_in_the_compose_file_is_read_at_its_lines() -> None:
    text = (SAMPLES / "proxies.yml").read_text()
    found = judge_text(text)
    assert line_of(text, "frontend web") in where(found, "AC505")
    assert "AC503" in ids(found)


def test_the_container_itself_is_not_the_app(tmp_path: Path) -> None:
    text = SITE.replace("app:3000", "127.0.0.1:3000")
    file = compose(tmp_path, service("nginx", "./site.conf:/etc/nginx/conf.d/a.conf"), site_conf=text)
    assert "127.0.0.1:3000 is the container of web itself, not the app's: name its service" in remarks(file)


def test_a_proxy_whose_configuration_is_not_here_is_told(tmp_path: Path) -> None:
    file = compose(tmp_path, service("jc21/nginx-proxy-manager:2", "npm:/data") + "  other:\n    image: haproxy\n")
    assert "that is in the volume npm, which is no folder here" in remarks(file)
    assert "what other is given to read was not found here" in remarks(file)


def test_import_follows_to_the_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SITE.replace("listen 80;", "listen 80; server_name chat.example.com; client_max_body_size 70m;")
    file = compose(tmp_path, service("nginx", "./site.conf:/etc/nginx/conf.d/a.conf"), site_conf=text)
    assert main(["import", str(file)]) == 0
    told = capsys.readouterr()
    assert "app:3000" in told.out
    assert "70MiB" in told.out


def test_fix_says_which_file_to_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = compose(tmp_path, service("nginx", "./site.conf:/etc/nginx/conf.d/a.conf"), site_conf=SITE)
    assert main(["lint", "--fix", str(file)]) == 2
    assert "compose files are not mended by this" in capsys.readouterr().err

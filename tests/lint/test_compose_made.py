"""What other proxies make of a compose file by themselves: of variables, labels and a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.composed import compose, judged, remarks
from tests.lint.linting import ids, line_of, where


@pytest.mark.parametrize(
    ("command", "quick"),
    [
        ("tunnel --no-autoupdate --url http://app:3000", True),
        ('["tunnel", "--url=http://app:3000"]', True),
        ("tunnel run --token abc --url http://app:3000", False),
        ("tunnel run", False),
        ("version", False),
    ],
)
def test_a_quick_tunnel_is_told_from_one_that_has_a_name(command: str, quick: bool, tmp_path: Path) -> None:
    file = compose(tmp_path, f"  tunnel:\n    image: cloudflare/cloudflared:latest\n    command: {command}\n")
    assert set(where(judged(file), "AC210")) == ({4} if quick else set())


NGINX_PROXY = """
  proxy:
    image: nginxproxy/nginx-proxy:1.7
    volumes:
      - /var/run/docker.sock:/tmp/docker.sock:ro
      - ./vhost.d:/etc/nginx/vhost.d:ro
    environment:
      TRUST_DOWNSTREAM_PROXY: "%s"
  chat:
    image: openchamber
    environment:
      - VIRTUAL_HOST=chat.example.com
      - VIRTUAL_PORT=3000
"""


def test_nginx_proxy_believes_anybody_unless_told_otherwise(tmp_path: Path) -> None:
    for trusting in ("true", "false"):
        file = compose(tmp_path, NGINX_PROXY % trusting)
        found = judged(file)
        believed = {"AC502", "AC503", "AC504"} & ids(found)
        assert believed == ({"AC502", "AC503", "AC504"} if trusting == "true" else set())
        for rule in believed:
            (finding, *_) = found.fired(rule)
            assert finding.place is not None
            assert finding.place.line == line_of(file.read_text(), "VIRTUAL_HOST")
            assert finding.place.column == 9


def test_a_file_of_vhost_d_is_nginxs_and_is_read(tmp_path: Path) -> None:
    text = "proxy_read_timeout 20s;\nclient_max_body_size 1g;\n"
    file = compose(tmp_path, NGINX_PROXY % "false", vhost_d__chat_example_com="")
    (tmp_path / "vhost.d").mkdir(exist_ok=True)
    (tmp_path / "vhost.d" / "chat.example.com").write_text(text)
    (finding, *_) = judged(file).fired("AC403")
    assert finding.place is not None
    assert (finding.place.file, finding.place.line) == (str(tmp_path / "vhost.d" / "chat.example.com"), 1)
    assert "AC301" not in ids(judged(file))


LABELS = """
  caddy:
    image: lucaslorentz/caddy-docker-proxy:ci-alpine
  chat:
    image: openchamber
    labels:
      caddy: chat.example.com
      caddy.@api.path: /api/*
      caddy.reverse_proxy: "%s"
      caddy.reverse_proxy.header_up: Host {host}
      caddy.reverse_proxy.transport: http
      caddy.reverse_proxy.transport.read_timeout: 20s
"""


@pytest.mark.engine
def test_labels_are_read_as_the_caddyfile_that_is_made_of_them(tmp_path: Path) -> None:
    file = compose(tmp_path, LABELS % "{{upstreams 3000}}")
    text = file.read_text()
    found = judged(file)
    assert set(where(found, "AC403")) == {line_of(text, "read_timeout")}
    assert set(where(found, "AC507")) == {line_of(text, "header_up")}
    (finding, *_) = found.fired("AC507")
    assert finding.place is not None
    assert finding.place.column == 7


@pytest.mark.engine
def test_a_template_that_is_not_understood_is_said_to_be(tmp_path: Path) -> None:
    file = compose(tmp_path, LABELS % "{{index .Names 0}}:3000")
    assert not judged(file).findings
    assert "what caddy-docker-proxy makes of it cannot be told: only the template upstreams" in remarks(file)
    assert f"{file}:{line_of(file.read_text(), 'index .Names')}:7" in remarks(file)


def test_traefiks_labels_are_told_once_and_not_judged(tmp_path: Path) -> None:
    labels = (
        "  chat:\n    image: openchamber\n    labels:\n      - traefik.enable=true\n"
        "      - traefik.http.routers.chat.rule=Host(`chat.example.com`)\n      - traefik.http.routers.chat.tls=true\n"
    )
    file = compose(tmp_path, labels)
    assert remarks(file).count("cannot tell") == 1
    assert f"{file}:6:9: Traefik is told of chat by labels" in remarks(file)

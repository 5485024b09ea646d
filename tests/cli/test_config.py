"""``antechamber config``: what it prints, writes, compares and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.engines.base import Runnable
from antechamber.engines.registry import ENGINES

APP = ("--to", ":3000")
NAME = ("--public-origin", "https://chamber.example.com")
PAIR = ("--certificate", "/etc/ssl/site.pem", "--certificate-key", "/etc/ssl/site.pem.key")


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, without a site file above it that anybody wrote."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", [engine.name for engine in ENGINES if isinstance(engine, Runnable)])
def test_a_configuration_is_printed_for_every_engine(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", name, *APP]) == 0
    out, err = capsys.readouterr()
    assert "127.0.0.1:3000" in out
    assert "127.0.0.1:8080" in out or ("bind 127.0.0.1" in out and ":8080" in out)
    assert err == ""


@pytest.mark.parametrize("name", ["nginx", "haproxy"])
def test_a_public_name_with_a_certificate_listens_on_the_webs_ports_and_redirects(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", name, *APP, *NAME, *PAIR]) == 0
    out = capsys.readouterr().out
    assert "443" in out
    assert "301" in out
    assert "/etc/ssl/site.pem" in out


def test_caddy_gets_its_certificate_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "caddy", *APP, *NAME]) == 0
    out = capsys.readouterr().out
    assert "\nhttps://chamber.example.com:443 {" in out
    assert "tls " not in out
    assert "disable_redirects" not in out


def test_caddy_on_another_port_is_https_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "caddy", *APP, *NAME, "--listen", "127.0.0.1:8443"]) == 0
    out = capsys.readouterr().out
    assert "\nhttps://chamber.example.com:8443 {\n\tbind 127.0.0.1\n" in out
    assert "auto_https disable_redirects" in out


@pytest.mark.parametrize(
    ("name", "line", "behind"),
    [
        ("nginx", "listen 0.0.0.0:8443 ssl;", "listen 0.0.0.0:80;"),
        ("haproxy", "bind 0.0.0.0:8443 ssl ", "bind 0.0.0.0:80\n"),
        ("caddy", "https://chamber.example.com:8443 {", "http://chamber.example.com:80 {"),
        ("edge", 'listen = [":8443"]', 'listen = [":80"]'),
    ],
)
def test_the_port_of_the_public_origin_is_listened_on_unless_it_is_that_of_something_further_out(
    name: str, line: str, behind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    origin = ("--public-origin", "https://chamber.example.com:8443")
    assert main(["config", name, *APP, *origin, *PAIR]) == 0
    assert line in capsys.readouterr().out
    assert main(["config", name, *APP, *origin, "--behind", "proxy"]) == 0
    assert behind in capsys.readouterr().out


def test_behind_cloudflare_its_networks_are_trusted_and_streams_are_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "nginx", *APP, *NAME, "--behind", "cloudflare"]) == 0
    out = capsys.readouterr().out
    assert "set_real_ip_from 173.245.48.0/20;" in out
    assert "no-transform" in out
    assert "listen 0.0.0.0:80;" in out


def test_the_policy_is_shown_with_where_each_value_is_from(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (somewhere / "antechamber.toml").write_text('to = ":3000"\n[timeouts]\nconnect = "5s"\n')
    monkeypatch.setenv("ANTECHAMBER_LISTEN", "127.0.0.1:9000")
    assert main(["config", "--show", "--body-limit", "7MiB"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["connect-timeout", "5s", "#", "site", "file,", "antechamber.toml:3"] in lines
    assert ["listen", "127.0.0.1:9000", "#", "environment,", "ANTECHAMBER_LISTEN"] in lines
    assert ["body-limit", "7MiB", "#", "flag,", "--body-limit"] in lines
    assert ["send-timeout", "60s", "#", "built-in", "default"] in lines
    assert ["/api/*", "api,", "silence", "1h", "body", "7MiB"] in lines


def test_files_are_written_compared_and_replaced_only_when_told(
    somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = somewhere / "out" / "haproxy.cfg"
    command = ["config", "haproxy", *APP, "-o", "out"]
    assert main([*command, "--check"]) == 1
    assert not file.exists()
    assert main(command) == 0
    first = file.read_text()
    assert main([*command, "--check"]) == 0
    assert main(command) == 0, "nothing would change"
    capsys.readouterr()
    other = [*command, "--connect-timeout", "9s"]
    assert main([*other, "--check"]) == 1
    assert main(other) == 2
    err = capsys.readouterr().err
    assert err.count("+    timeout connect 9s") == 4
    assert "haproxy.cfg would change, as shown above; nothing was written. Add --overwrite." in err
    assert file.read_text() == first
    assert main([*other, "--overwrite"]) == 0
    assert "timeout connect 9s" in file.read_text()


def test_caddy_is_configured_in_json_too_and_what_it_cannot_do_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "caddy", *APP, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["apps"]["http"]["servers"]["srv0"]["listen"] == ["127.0.0.1:8080"]
    assert "not as the policy says: stream-idle-s (not expressible)" in err


def _two_sites(directory: Path) -> list[str]:
    for name, port in (("one", 3000), ("two", 3001)):
        text = f'to = ":{port}"\npublic-origin = "https://{name}.example"\n'
        (directory / f"{name}.toml").write_text(text)
    return ["--site", "one.toml", "--site", "two.toml"]


@pytest.mark.parametrize("name", ["nginx", "caddy", "haproxy"])
def test_several_site_files_make_one_configuration(
    name: str, somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", name, *_two_sites(somewhere), *PAIR]) == 0
    out = capsys.readouterr().out
    for word in ("one.example", "two.example", "127.0.0.1:3000", "127.0.0.1:3001"):
        assert word in out


def test_each_of_several_policies_is_shown(somewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--show", *_two_sites(somewhere)]) == 0
    out = capsys.readouterr().out
    assert "one.toml:1" in out
    assert "two.toml:1" in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nginx", "--to", ":3000"], "--to: it would be that of every site. Write to in each site file."),
        (["nginx", "--config", "one.toml"], "--site and --config both name site files. Name all of them with --site."),
        (["npm"], "Nginx Proxy Manager is configured one site at a time. Run the command for each site file"),
        (["nginx"], "nginx has no certificate for it"),
        (["nginx", "--site", "one.toml", *PAIR], "one.toml: one.example on port 443 is the name of one.toml already"),
    ],
)
def test_misuse_of_several_sites_is_one_line_and_exit_code_2(
    arguments: list[str], line: str, somewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", *arguments, *_two_sites(somewhere)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert line in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["config", *APP], "which engine? Known: nginx"),
        (["config", "ngin", *APP], "no such engine: ngin. Did you mean nginx? Known: nginx"),
        (["config", "nginx"], "nothing says where the app is. Add --to :3000, or write antechamber.toml"),
        (["config", "ngin"], "no such engine: ngin. Did you mean nginx?"),
        (["config", "caddy", *APP, *NAME, *PAIR[:2], "--format", "json"], "a certificate and its key go together"),
        (["config", "cloudflare", *APP], "rules need the name that they are for. Add --public-origin"),
        (["config", "nginx", *APP, "--check"], "--check has nothing to compare with. Name the directory with -o DIR."),
        (["config", "nginx", *APP, *NAME], "nginx has no certificate for it. Add --certificate and --certificate-key"),
        (["config", "nginx", *APP, *PAIR[:2]], "a certificate and its key go together"),
        (["config", "nginx", *APP, "--certificate", "a", "--certificate-key", "b"], "'a' is relative"),
        (["config", "nginx", *APP, "--engine-version", "new"], "--engine-version: 'new' is not a version"),
        (["config", "nginx", *APP, "--form", "poem"], "poem"),
        (["config", "nginx", *APP, "--format", "json"], "--format: nginx has no JSON. Leave --format out."),
        (["config", "edge", *APP, "--form", "snippet"], "a site file has no parts to include in another"),
        (["config", "haproxy", *APP, *PAIR[:3], "/etc/k"], "HAProxy looks for the key in the certificate's file or in"),
        (["config", "nginx", "--to", "http://app:3000/chamber"], "apps are served at the root only"),
        (["config", "nginx", *APP, "--public-origin", "https://a.example/chamber"], "apps are served at the root only"),
        (["config", "nginx", *APP, "--public-origin", "https://*.example.com"], "is not a host name or address"),
        (
            ["config", "nginx", "--to", "unix:/run/$x"],
            "holds the character $, which this engine's",
        ),
        (["config", "nginx", *APP, "-o", "/dev/null/x"], "--output: /dev/null/x cannot be written"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert line in err
    assert err.count("\n") == 1

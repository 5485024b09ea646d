"""Whatever is in a file, the answer is findings or one line: no traceback, no hang, no other file."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antechamber.engines.nginx.syntax import every
from antechamber.errors import ConfigError
from antechamber.lint.caddy.imports import laid
from antechamber.lint.caddy.syntax import parse as parse_caddyfile
from antechamber.lint.choice import Wanted
from antechamber.lint.files import configurations
from antechamber.lint.kind import Kind
from antechamber.lint.nginx.fix import fixed
from antechamber.lint.nginx.read import read as read_nginx
from antechamber.lint.source import LARGEST_FILE, Source, decoded
from tests.lint.linting import INNOCENT, POLICY, SAMPLES, judged

SEEDS = {
    Kind.NGINX: [file.read_bytes() for file in (*INNOCENT.glob("*.conf"), *SAMPLES.glob("*.conf"))],
    Kind.HAPROXY: [file.read_bytes() for file in INNOCENT.glob("*.cfg")],
    Kind.COMPOSE: [file.read_bytes() for file in (*INNOCENT.glob("*.yml"), *SAMPLES.glob("*.yml"))],
}
PIECES = (
    b"{",
    b"}",
    b";",
    b'"',
    b"'",
    b"\\",
    b"$",
    b"#",
    b"\n",
    b"location ~ ((a*)*)*b {",
    b"include *;",
    b"if ($x) {",
    b"map $a $a {",
    b"proxy_pass $x$x;",
    b"\xff",
    b"\0",
    b"${",
    b"set $a $a$a;",
    b"proxy_set_header Host",
    b"acl a path_reg (",
    b" if { ",
    b" or ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"content: |\n",
    b"${A:-",
    b"- VIRTUAL_HOST=",
    b":/etc/nginx/nginx.conf",
    b"[{",
)
ALL = Wanted(site="*")


def mutated(seed: bytes, chance: random.Random) -> bytes:
    content = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content) + 1)
        match chance.randrange(5):
            case 0:
                content[at:at] = chance.choice(PIECES)
            case 1:
                del content[at : at + chance.randint(1, 20)]
            case 2:
                content[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                end = min(len(content), at + chance.randint(1, 200))
                content[at:at] = content[at:end]
            case 4:
                content[at:at] = chance.randbytes(chance.randint(1, 6))
    return bytes(content)


def survived(kind: Kind, content: bytes) -> bool:
    """Whether it could be read; a refusal is one line with a place."""
    try:
        judged(decoded(content, name="noise"), kind=kind, wanted=ALL)
    except ConfigError as refusal:
        return _is_one_line(refusal)
    return True


def _is_one_line(refusal: ConfigError) -> bool:
    """Always false: it was not read."""
    assert "\n" not in str(refusal)
    return False


def _tried(rounds: int, seed: int) -> int:
    chance = random.Random(seed)
    read = 0
    for _ in range(rounds):
        kind = chance.choice(list(SEEDS))
        read += survived(kind, mutated(chance.choice(SEEDS[kind]), chance))
    return read


def test_a_mutated_configuration_is_read_or_refused() -> None:
    assert _tried(150, seed=1) > 20


@pytest.mark.matrix
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_mutated_configurations_are_read_or_refused(seed: int) -> None:
    assert _tried(1000, seed=100 + seed) > 100


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@given(text=words, kind=st.sampled_from([Kind.NGINX, Kind.HAPROXY, Kind.CADDY_JSON, Kind.COMPOSE]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read_or_refused(text: str, kind: Kind) -> None:
    survived(kind, text.encode())


@given(text=words | st.lists(st.sampled_from([*'{}"`\\ \n#<\x0b', "<<A\n", "\nA", "import ", "a"])).map("".join))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_caddyfile_is_taken_apart_or_refused_and_its_edits_know_their_ranges(text: str) -> None:
    """Without Caddy, which is asked only then."""
    try:
        statements = parse_caddyfile(text, file="Caddyfile")
        work = laid(Source("Caddyfile", text))
    except ConfigError as refusal:
        _is_one_line(refusal)
        return
    for statement in every(statements):
        start, end = statement.span
        assert 0 <= start < end <= len(text)
        assert not text[start].isspace()
    assert work.files["Caddyfile"].count("\n") == text.count("\n")


@given(body=st.lists(st.sampled_from((*PIECES, b"server {", b"location / {", b"a b;", b" ")), max_size=25))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pieces_of_a_configuration_in_any_order_are_read_or_refused(body: list[bytes]) -> None:
    content = b" ".join(body)
    if survived(Kind.NGINX, content):
        reading = read_nginx(Source("noise", content.decode()))
        fixed(reading, POLICY, ALL)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("server {\n    listen 80;\n", 'site.conf:1:8: a "{" is never closed'),
        ("server {\n}\n}\n", 'site.conf:3:1: unexpected "}"'),
        ("server {\n    listen 80\n}\n", 'site.conf:3:1: unexpected "}"'),
        ('server_name "open;\n', "site.conf:1:13: a quote is never closed"),
        ("a {" * 100, "site.conf:1:195: its blocks are nested too deeply"),
        ("; ", 'site.conf:1:1: unexpected ";"'),
    ],
)
def test_what_nginx_would_not_read_is_one_line_with_its_place(text: str, line: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        judged(text, kind=Kind.NGINX)
    assert str(refusal.value).startswith(line)


def test_files_that_include_each_other_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("include b.conf;\n")
    (tmp_path / "b.conf").write_text("include a.conf;\n")
    (found,) = configurations([str(tmp_path / "a.conf")], io.BytesIO(), said=Kind.NGINX)
    with pytest.raises(ConfigError, match=r"b\.conf:1:1: the file includes itself"):
        read_nginx(found.source)


@pytest.mark.parametrize("include", ["/etc/passwd", "../../../../../etc/passwd", "/*/*/*/*/*", "/proc/self/environ"])
def test_a_file_outside_of_the_configurations_folder_is_not_read(include: str, tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_text(f"server {{ include {include}; location / {{ proxy_pass http://127.0.0.1:3000; }} }}\n")
    (found,) = configurations([str(file)], io.BytesIO())
    reading = read_nginx(found.source)
    assert set(reading.config.texts) == {str(file)}
    assert f"include {include} was not read" in reading.config.unread[0]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.conf").write_text("secret a;\n")
    (inside / "link.conf").symlink_to(outside / "secret.conf")
    (inside / "site.conf").write_text("include link.conf;\nserver { location / { proxy_pass http://a; } }\n")
    (found,) = configurations([str(inside / "site.conf")], io.BytesIO())
    assert set(read_nginx(found.source).config.texts) == {str(inside / "site.conf")}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\x7fELF\0\0\0", "the file is binary, not a configuration"),
        ("server {}".encode("utf-16"), "the file is UTF-16, not UTF-8"),
        (b"# caf\xe9\nserver { }\n", "the file is not UTF-8"),
        (b"x" * (LARGEST_FILE + 1), "is larger than"),
        (b"server { # " + b"x" * 70_000 + b"\n}\n", "a line is longer than"),
        (b"hello, world\n", "this does not look like the configuration of a proxy"),
        (b"<VirtualHost *:80>\n</VirtualHost>\n", "this is an Apache configuration, which cannot be read yet"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_line(content: bytes, line: str, tmp_path: Path) -> None:
    file = tmp_path / "site"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as refusal:
        list(configurations([str(file)], io.BytesIO()))
    assert line in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_without_a_configuration_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("hello\n")
    with pytest.raises(ConfigError, match="no configuration of a proxy is in this folder"):
        list(configurations([str(tmp_path)], io.BytesIO()))


def test_a_regular_expression_that_would_take_for_ever_is_unknown() -> None:
    hostile = "location ~ ^(((a*)*)*)*b$ { proxy_pass http://a; }"
    judged(f"server {{ server_name openchamber; {hostile} location / {{ proxy_pass http://b; }} }}")


def test_variables_that_double_at_every_step_end() -> None:
    steps = "".join(f"set $v{n} $v{n - 1}$v{n - 1};\n" for n in range(1, 60))
    location = "location / { proxy_set_header Host $v59; proxy_pass http://b; }"
    found = judged(f"server {{ server_name openchamber; set $v0 ab;\n{steps} {location} }}")
    assert not found.fired("AC501"), "what cannot be worked out is not said to be wrong"


def test_many_locations_with_regular_expressions_end() -> None:
    text = "server { server_name openchamber;" + "location ~ a$ { return 200; }" * 3000 + "}"
    judged(text)

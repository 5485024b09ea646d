"""nginx's grammar: words, places and ranges, with crossplane's lexer as an oracle."""

from __future__ import annotations

from pathlib import Path

import pytest
from crossplane.lexer import lex_string  # type: ignore[import-untyped]  # ships no types

from antechamber.engines.nginx.syntax import every, parse
from tests.lint.linting import INNOCENT, SAMPLES

FILES = [file for file in (*sorted(INNOCENT.glob("*.conf")), *sorted(SAMPLES.glob("*.conf"))) if "lua" not in file.name]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_crossplane_finds_the_same_words_on_the_same_lines(file: Path) -> None:
    text = file.read_text()
    tokens = [(word, line) for word, line, quoted in lex_string(text) if quoted or not word.startswith("#")]
    theirs = [word for word, _ in tokens if word not in (";", "{", "}")]
    ours = [word for directive in every(parse(text)) for word in directive.words]
    assert ours == theirs
    lines = dict.fromkeys(line for _, line in tokens)
    assert all(directive.line in lines for directive in every(parse(text)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_directives_range_is_its_own_text(file: Path) -> None:
    text = file.read_text()
    for directive in every(parse(text)):
        start, end = directive.span
        assert text[start:end].lstrip("\"'").startswith(directive.name.split("\\")[0])
        assert text[end - 1] == ("}" if directive.braces else ";")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b;", ("a", "b")),
        ("a \"b c\" 'd;e';", ("a", "b c", "d;e")),
        ("a ${b}c;", ("a", "${b}c")),
        ("a b#c;", ("a", "b#c")),
        ("a b}c;", ("a", "b}c")),
        ('a "\\"\\\\" \\;;', ("a", '"\\', "\\;")),
        ("a\n\tb # comment ; {\n c;", ("a", "b", "c")),
        ('a "";', ("a", "")),
    ],
)
def test_words_are_what_nginx_reads(text: str, words: tuple[str, ...]) -> None:
    (directive,) = parse(text)
    assert directive.words == words


def test_braces_of_lua_hold_no_directives() -> None:
    text = 'a { content_by_lua_block { if x == "}" then y() end -- }\n } b c; }'
    (outer,) = parse(text)
    assert [one.name for one in outer.block] == ["content_by_lua_block", "b"]


def test_a_place_has_line_and_column() -> None:
    (server,) = parse("# one\nserver {\n    listen 80;\n}\n", file="x")
    assert str(server.block[0].place) == "x:3:5"

"""Whatever stands in a file, reading it gives a document or one line that says what is wrong; never anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.errors import ConfigError
from antechamber.policy.document import parse_document
from antechamber.policy.load import load
from antechamber.policy.schema import site_routes

PIECES = """ [ ] [[ ]] { } = . , " ' \\ # 1 true to listen route timeouts response path kind '/x' 'sse' 1979-05-27 é """
FRAGMENTS = st.sampled_from([*PIECES.split(), '"' * 3, "'" * 3, "\n", "\r\n", " ", "\x00", "\x7f"])


def problem_of(content: bytes) -> str:
    """What is wrong with a site file of this content; empty when nothing is."""
    try:
        site_routes(parse_document(content, name="f.toml", base=Path("/")))
    except ConfigError as error:
        return str(error)
    return ""


@settings(max_examples=500, deadline=None)
@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_any_arrangement_of_toml_pieces_is_a_document_or_one_clear_line(text: str) -> None:
    problem = problem_of(text.encode())
    assert problem == "" or (problem.startswith("f.toml") and "\n" not in problem)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_one_clear_line(content: bytes) -> None:
    problem = problem_of(content)
    assert problem == "" or problem.startswith("f.toml")


KEYS = st.sampled_from(["to", "listen", "trust", "tls", "timeouts", "limits", "route", "access-log", "upgrade", "x"])
VALUES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def toml_of(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{toml_of(key)} = {toml_of(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml_of, value)) + "]"
        case str():
            return '"' + "".join(f"\\U{ord(c):08x}" for c in value if not 0xD800 <= ord(c) <= 0xDFFF) + '"'
        case bool() | None:
            return str(bool(value)).lower()
        case _:
            return str(value)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_value_under_any_key_loads_or_is_told_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]
) -> None:
    directory = tmp_path_factory.getbasetemp()
    (directory / "site.toml").write_text("\n".join(f"{key} = {toml_of(value)}" for key, value in tree.items()))
    problem = ""
    try:
        load({"config": "site.toml", "to": ":3000"}, environment={}, directory=directory)
    except ConfigError as error:
        problem = str(error)
    assert problem == "" or problem.startswith("site.toml:")


def test_a_byte_order_mark_of_utf_8_is_skipped() -> None:
    """Some editors write it; it says what we require anyway."""
    assert parse_document(b"\xef\xbb\xbfto = 1", name="f", base=Path("/")).tree == {"to": 1}


def test_a_key_has_the_place_where_it_stands_or_where_its_table_does() -> None:
    document = parse_document(b"a = 1\n[t]\nk = 2\n", name="f.toml", base=Path("/"))
    assert document.place(("t", "k")) == "f.toml:3"
    assert document.place(("t", "missing")) == "f.toml:2"
    assert document.place(()) == "f.toml:1"

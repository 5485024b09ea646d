"""The locator against tomllib: it finds every key path that tomllib finds, and on the line where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antechamber.policy.locate import KeyPath, line_of, locate

KEYS = st.sampled_from(["a", "b-c", "1", "'x.y'", '"p q"', '"t\\u0041b"', "''", '"#"', "'[n]'"])
FILLER = st.sampled_from(["", "\n", "# a = 1\n", '\n# """ [x]\n\n', "  \n", "\r\n"])
BLANK = st.sampled_from(["", " ", "\t "])


class Writer:
    """Writes a random valid document. Every scalar is a marker that stands once in the text, so its line is known."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.markers = 0

    def document(self) -> str:
        text = self.filler() + self.pairs(depth=2)
        for header in self.draw(st.lists(KEYS, unique_by=plain, max_size=3)):
            text += self.section(f"{header}t" if header.isalnum() else f"tt.{header}")
        return text

    def section(self, name: str) -> str:
        is_array: bool = self.draw(st.booleans())
        if not is_array:
            return f"[{self.blank()}{name}{self.blank()}]{self.filler_line()}" + self.pairs(depth=1)
        tables = ""
        for _ in range(self.draw(st.integers(1, 3))):
            tables += f"[[{name}]]{self.filler_line()}" + self.pairs(depth=1)
            if self.draw(st.booleans()):
                tables += f"[{name}.below]{self.filler_line()}" + self.pairs(depth=1)
        return tables

    def pairs(self, depth: int) -> str:
        keys = self.draw(st.lists(KEYS, unique_by=plain, max_size=4))
        return "".join(self.pair(key, depth) + self.filler_line() for key in keys)

    def pair(self, key: str, depth: int) -> str:
        dotted = self.draw(st.lists(KEYS, max_size=2))
        name = f"{self.blank()}.{self.blank()}".join([key, *dotted])
        return f"{self.blank()}{name}{self.blank()}={self.blank()}{self.value(depth)}"

    def value(self, depth: int) -> str:
        shape = self.draw(st.sampled_from(["scalar", "array", "table"])) if depth else "scalar"
        if shape == "array":
            items = [self.filler() + self.value(depth - 1) for _ in range(self.draw(st.integers(0, 3)))]
            comma = "," if self.draw(st.booleans()) and items else ""
            return "[" + ",".join(items) + comma + self.filler() + "]"
        if shape == "table":
            keys = self.draw(st.lists(KEYS, unique_by=plain, max_size=3))
            return "{" + ", ".join(f"{key} = {self.value(0)}" for key in keys) + "}"
        return self.scalar()

    def scalar(self) -> str:
        self.markers += 1
        mark = f"v{self.markers}v"
        forms = [
            f'"{mark} # \\" ] }}"',
            f"'{mark} \\ ['",
            f'"""{mark}\n[not a table]\nx = 1 "" \\""" """"',
            f"'''{mark}\n''\n# no comment'''''",
            f'"""{mark}\\\n   folded"""',
        ]
        return str(self.draw(st.sampled_from(forms)))

    def blank(self) -> str:
        return str(self.draw(BLANK))

    def filler(self) -> str:
        return str(self.draw(FILLER))

    def filler_line(self) -> str:
        return str(self.draw(st.sampled_from(["\n", " # c\n", "\n\n", "\r\n", "\n# [x]\n"])))


def plain(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 1")))


@st.composite
def documents(draw: st.DrawFn) -> str:
    return Writer(draw).document()


def leaves(tree: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    match tree:
        case dict():
            for key, value in tree.items():
                yield from leaves(value, (*path, key))
        case list():
            for index, value in enumerate(tree):
                yield from leaves(value, (*path, index))
        case _:
            yield path, tree


def nodes(tree: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    if path:
        yield path
    match tree:
        case dict():
            for key, value in tree.items():
                yield from nodes(value, (*path, key))
        case list():
            for index, value in enumerate(tree):
                yield from nodes(value, (*path, index))


@settings(max_examples=300, deadline=None)
@given(documents())
def test_every_value_is_found_on_the_line_where_it_is_written(text: str) -> None:
    tree, lines = tomllib.loads(text), locate(text)
    for path, value in leaves(tree):
        mark = str(value).split()[0].removesuffix("folded")
        assert lines[path] == text[: text.index(mark)].count("\n") + 1, path


@settings(max_examples=300, deadline=None)
@given(documents())
def test_the_locator_and_tomllib_see_the_same_key_paths(text: str) -> None:
    assert set(locate(text)) == set(nodes(tomllib.loads(text)))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1979-05-27 07:32:00 # [x]\nb = 2", ("b",), 2),
        ("a = [[1, 2],\n [3]]\nb = { c = [\n 1] }\n", ("b", "c", 0), 4),
        ("[a.b]\nc.d = 1", ("a", "b", "c", "d"), 2),
        ("[[r]]\n[[r.s]]\n[[r.s]]\nx = 1\n[[r]]\n[[r.s]]\ny = 1", ("r", 0, "s", 1, "x"), 4),
        ("[[r]]\n[[r.s]]\n[[r.s]]\nx = 1\n[[r]]\n[[r.s]]\ny = 1", ("r", 1, "s", 0, "y"), 7),
        ("[t]\n[u]\n[t.v]\nk = '''\n\n'''\nl = 1", ("t", "v", "l"), 7),
        ("a = +1_000.5e-3\r\nb = true", ("b",), 2),
    ],
)
def test_nested_tables_dates_and_strings_do_not_lead_it_astray(text: str, path: KeyPath, line: int) -> None:
    tomllib.loads(text)
    assert locate(text)[path] == line


def test_a_path_that_is_not_written_has_the_line_of_what_is_around_it() -> None:
    lines = locate("\n[[route]]\npath = '/'\n")
    assert line_of(lines, ("route", 0, "kind")) == 2
    assert line_of(lines, ("nowhere",)) == 1

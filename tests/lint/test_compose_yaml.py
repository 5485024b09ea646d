"""Compose files as texts: YAML with bounds, variables with defaults, paths that lead nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from antechamber.errors import ConfigError
from antechamber.lint.compose.document import document
from antechamber.lint.compose.interpolation import resolved
from antechamber.lint.files import configurations
from antechamber.lint.kind import Kind
from antechamber.lint.readers import read
from tests.lint.composed import SITE, compose, remarks, seen, service


@pytest.mark.parametrize(
    ("volume", "why"),
    [
        ("./link:/etc/nginx/conf.d/a.conf", "leads outside of this folder"),
        ("/proc/self/environ:/etc/nginx/nginx.conf", "is not here"),
        ("/etc/passwd:/etc/nginx/nginx.conf", "does not look like a nginx file"),
        ("${NOWHERE}/nginx.conf:/etc/nginx/nginx.conf", "only the environment of Compose knows"),
        ("./missing.conf:/etc/nginx/nginx.conf", "is not here"),
    ],
)
def test_no_other_file_is_read(volume: str, why: str, tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.conf").write_text(SITE)
    (inside / "link").symlink_to(outside / "secret.conf")
    file = compose(inside, service("nginx", volume))
    assert {name for one in seen(file) for name in one.texts} == {str(file)}
    assert why in remarks(file)


def laughs(depth: int) -> str:
    """A document of ``depth`` lines which would have 9 to the power of ``depth`` nodes when written out."""
    lines = ["services:", "  b0: &b0 [x, x, x]"]
    lines += [f"  b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, depth)]
    return "\n".join(lines)


def test_a_billion_laughs_are_thirty_lines() -> None:
    assert document(laughs(30), "compose.yml") is not None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("services:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 99)), "compose.yml:41:41: it has too many entries"),
        ("services:\n  - a\n" * 30_000, "it has too many entries, or they are nested too deeply"),
        ("services:\n  a: &a\n    <<: *a\n", "compose.yml:3:9: an alias without an anchor before it"),
        ("services:\n\ta: b\n", "compose.yml:2:1: this is not valid YAML"),
        ('services:\n  a: "\x07"\n', "compose.yml: this is not valid YAML"),
        ("services:\n  ? [a]\n  : b\n", "compose.yml:2: a key is no plain word"),
        ("services:\n  a: {b: [c}\n", "compose.yml:2:12: this is not valid YAML"),
        ("[" * 100_000, "nest"),
    ],
)
def test_hostile_yaml_is_one_line(text: str, line: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        document(text, "compose.yml")
    assert line in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$$host", "$host"),
        ("${A:-b}/c", "b/c"),
        ("${A-b}", "b"),
        ("${A:-${B:-c}}", "c"),
        ("${A:-}", ""),
        ("${A}", None),
        ("$A", None),
        ("${A:?set it}", None),
        ("${A:+b}", None),
        ("${A:-${B}}", None),
        ("costs 5$", "costs 5$"),
        ("${A", None),
    ],
)
def test_a_default_holds_where_the_environment_is_not_known(text: str, value: str | None) -> None:
    """https://docs.docker.com/reference/compose-file/interpolation/"""
    assert resolved(text) == value


def test_merged_tables_are_read_and_own_entries_win() -> None:
    root = document("a: &a {image: nginx, x: 1}\nb:\n  <<: *a\n  image: caddy\n", "compose.yml")
    table = root.table("b")  # type: ignore[union-attr]
    assert [(name.text, value.text) for name, value in table.all()] == [("image", "caddy"), ("x", "1")]  # type: ignore[union-attr]


def test_standard_input_has_no_folder() -> None:
    source = io.BytesIO(f"services:\n{service('nginx', './site.conf:/etc/nginx/conf.d/a.conf')}".encode())
    (found,) = configurations(["-"], source, said=Kind.COMPOSE)
    assert "was not read" in "\n".join(remark for one in read(found) for remark in one.unread)

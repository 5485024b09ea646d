"""The architecture as a checker: give it a source tree, get every line that breaks a rule.

The table below is the architecture (``docs/architecture.md`` explains it). A room imports rooms of lower floors only:
never a sibling, never upwards. Nothing is executed: files are parsed, so an import inside a function counts too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "antechamber"

FLOORS = (
    {"errors"},
    {"policy", "protocol"},
    {"engines", "rules", "net", "ledger", "surface"},
    {"edge", "lint", "probe", "learn", "report", "chamber", "panel", "supervise"},
    {"demo", "hop"},
    {"cli"},
)
"""From the ground up. The package's own ``__init__`` (its version) lies under all of them."""

PURE_ROOM = "protocol"
PURE_MODULES = frozenset(
    [
        "__future__",
        "base64",
        "binascii",
        "codecs",
        "collections",
        "contextlib",
        "dataclasses",
        "enum",
        "functools",
        "h2",
        "hashlib",
        "hpack",
        "ipaddress",
        "itertools",
        "math",
        "operator",
        "re",
        "string",
        "struct",
        "typing",
        "urllib.parse",
        "zlib",
    ]
)
"""All that ``protocol`` may import from outside: nothing here knows a clock, a socket, a file or chance (``h2`` and
its ``hpack`` are sans-IO as well)."""

SOCKET_MODULES = frozenset(["socket", "ssl", "uvloop", "select", "selectors", "socketserver", "_socket", "_ssl"])
SOCKET_ROOMS = frozenset({"net", "chamber"})
"""The chamber is an application, not a part of the proxy: it brings its own server."""

FORBIDDEN_NAMES = frozenset(
    [
        "util",
        "utils",
        "helper",
        "helpers",
        "common",
        "misc",
        "manager",
        "managers",
        "handler",
        "handlers",
        "stuff",
        "lib",
    ]
)
LONGEST_FILE = 400
PATH_ROOMS = frozenset({"chamber"})
"""Where an app's paths may stand besides the profiles: the chamber *is* such an app."""


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One broken rule, at one line."""

    file: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}"


def layer_violations(package: Path) -> list[Violation]:
    """Imports that do not go downwards, and rooms that stand on no floor. ``package`` is ``src/antechamber``."""
    found = []
    for file in _sources(package):
        room = _room(file, package)
        if room is None:
            continue
        if _floor(room) is None:
            found.append(_violation(file, package, 1, f"room '{room}' stands on no floor of the layer table"))
            continue
        for line, module in _imports(file, package):
            problem = _import_problem(room, module)
            if problem:
                found.append(_violation(file, package, line, problem))
    return sorted(found)


def purity_violations(package: Path) -> list[Violation]:
    """Imports of ``protocol`` that are neither ours nor on the list of modules without effects."""
    return sorted(
        _violation(file, package, line, f"protocol is pure and may not import '{module}'")
        for file in _sources(package / PURE_ROOM)
        for line, module in _imports(file, package)
        if not _within(module, PACKAGE) and not any(_within(module, pure) for pure in PURE_MODULES)
    )


def socket_violations(package: Path) -> list[Violation]:
    """Imports of sockets, TLS or event loops outside the rooms that own them."""
    return sorted(
        _violation(file, package, line, f"only {' and '.join(sorted(SOCKET_ROOMS))} may import '{module}'")
        for file in _sources(package)
        if _room(file, package) not in SOCKET_ROOMS
        for line, module in _imports(file, package)
        if module.split(".")[0] in SOCKET_MODULES
    )


def path_violations(package: Path, segments: frozenset[str]) -> list[Violation]:
    """String literals that are a path of an app: ``segments`` are the first segments of the profiles' paths.

    Docstrings and comments may show an example; code may not know one.
    """
    return sorted(
        _violation(file, package, line, f"an app's path stands in code: {text!r} belongs in a profile")
        for file in _sources(package)
        if _room(file, package) not in PATH_ROOMS
        for line, text in _literals(file)
        if text.startswith("/") and text[1:].split("?")[0].split("/")[0] in segments
    )


def file_violations(root: Path, folders: Iterable[str]) -> list[Violation]:
    """Files that are too long, say nothing about themselves or have a name that says nothing."""
    found = []
    for file in (file for folder in folders for file in _sources(root / folder)):
        text = file.read_text()
        lines = text.count("\n")
        if lines > LONGEST_FILE:
            found.append(_violation(file, root, lines, f"{lines} lines; split it by idea ({LONGEST_FILE} at most)"))
        if file.stem in FORBIDDEN_NAMES:
            found.append(_violation(file, root, 1, f"the name '{file.name}' says nothing about what is in it"))
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            found.append(_violation(file, root, 1, "no docstring says what this file is for"))
    return sorted(found)


def _import_problem(room: str, module: str) -> str | None:
    if not _within(module, PACKAGE):
        return None
    target = ([*module.split("."), ""])[1]
    if target in ("", "__version__", room):
        return None
    here, there = _floor(room), _floor(target)
    if there is None:
        return f"'{module}' stands on no floor of the layer table"
    if here is not None and there < here:
        return None
    way = "sideways" if here == there else "upwards"
    return f"'{room}' imports {way}: {module}"


def _floor(room: str) -> int | None:
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), None)


def _room(file: Path, package: Path) -> str | None:
    """The room a file belongs to; ``None`` for the package's own ``__init__`` and ``__main__``."""
    first = file.relative_to(package).parts[0]
    room = first.removesuffix(".py")
    return None if room in ("__init__", "__main__") else room


def _imports(file: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Every imported module with its line; ``from x import y`` counts as ``x.y``, since ``y`` may be a module."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, file, package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _base(node: ast.ImportFrom, file: Path, package: Path) -> str:
    """The absolute name of the module that a ``from`` import names (PEP 328)."""
    if not node.level:
        return node.module or ""
    here = (PACKAGE, *file.relative_to(package).parent.parts)
    parts = here[: len(here) - node.level + 1]
    return ".".join((*parts, node.module)) if node.module else ".".join(parts)


def _literals(file: Path) -> Iterator[tuple[int, str]]:
    """String and bytes literals, f-strings' parts among them, without docstrings."""
    tree = ast.parse(file.read_text())
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in bare:
            if isinstance(node.value, str):
                yield node.lineno, node.value
            elif isinstance(node.value, bytes):
                yield node.lineno, node.value.decode("latin-1")


def _within(module: str, parent: str) -> bool:
    return module == parent or module.startswith(f"{parent}.")


def _sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def _violation(file: Path, root: Path, line: int, problem: str) -> Violation:
    return Violation(str(file.relative_to(root)), line, problem)

"""Profiles: what an app needs in front of it, as data.

A profile is a TOML file of the app's routes and of the options that belong to the app. Three are built in; any other is
named by its path. This package's ``profiles`` folder is the only place where an app's paths stand.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.policy.document import Document, parse_document, read_document
from antechamber.policy.layers import Layer, Written
from antechamber.policy.options import OPTIONS, PROFILE
from antechamber.policy.route_table import RouteTable, built_in_routes
from antechamber.policy.words import file_path, known_word

BUILT_IN = ("openchamber", "opencode", "generic")
_FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as it was read, its routes not yet merged with the site's."""

    name: str
    app: str
    document: Document
    routes: tuple[RouteTable, ...]

    @property
    def port(self) -> int:
        """The port that the app listens on unless it is told otherwise; 0 if the profile does not say."""
        found = self.document.tree.get("port", 0)
        assert isinstance(found, int)
        return found


def read_profile(word: str, *, base: Path = Path(), place: str = PROFILE.flag) -> Profile:
    """The built-in profile called ``word``, or the one in that file; ``place`` is where the word was written."""
    if not _is_path(word):
        document = _built_in(word, place=place)
        return Profile(str(document.tree["name"]), str(document.tree["app"]), document, built_in_routes(document.tree))
    from antechamber.policy.schema import profile_shape  # it imports pydantic, which takes a tenth of a second

    document = _file(word, base=base, place=place)
    name, app, routes = profile_shape(document)
    return Profile(name, app, document, routes)


def from_document(document: Document, layer: Layer) -> Mapping[str, Written]:
    """The options that are written in a site file or a profile, as a layer."""
    layered = {}
    for option in OPTIONS:
        raw = value_at(document.tree, option.key) if option.key else None
        if raw is not None:
            path = tuple(option.key.split("."))
            items = tuple(document.place((*path, index)) for index in range(len(raw) if isinstance(raw, list) else 0))
            layered[option.name] = Written(raw, layer, document.place(path), document.base, items)
    return layered


def value_at(tree: Mapping[str, object], key: str) -> object | None:
    """The value of a dotted key, or ``None`` where it is not written."""
    here: object = tree
    for part in key.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return here


def _is_path(word: str) -> bool:
    return "/" in word or word.endswith(".toml")


def _built_in(word: str, *, place: str) -> Document:
    if word not in BUILT_IN:
        problem = known_word(word, BUILT_IN, what="a built-in profile")
        raise ConfigError(problem.problem, place=place, way_out=f"{problem.way_out} Or name a TOML file by its path.")
    content = (_FOLDER / f"{word}.toml").read_bytes()
    return parse_document(content, name=f"profile {word}", base=Path())


def _file(word: str, *, base: Path, place: str) -> Document:
    path = file_path(word, base=base, what="a profile")
    return read_document(path, name=os.path.normpath(path), place=place)

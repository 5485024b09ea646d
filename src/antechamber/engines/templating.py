"""Templates of configurations. An undefined name is an error, and nothing is escaped for HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

Filters = Mapping[str, Callable[..., object]]


def environment(engine: str, filters: Filters) -> Environment:
    """The templates in the folder of ``engine``, with the filters that quote values in its syntax."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # asking an engine for words needs no templates

    made = Environment(
        loader=PackageLoader("antechamber.engines", f"{engine}/templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (no HTML here: the filters quote, each in its engine's way)
    )
    made.filters.update(filters)
    return made

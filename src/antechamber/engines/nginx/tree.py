"""An nginx configuration as a tree of directives, and what a location inherits from the levels around it.

The grammar is :mod:`antechamber.engines.nginx.syntax`. A directive that may stand several times
(``proxy_set_header``) is inherited together or not at all
(https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from antechamber.engines.nginx.syntax import Directive
from antechamber.policy.effective import Source


@dataclass(frozen=True, slots=True)
class Scopes:
    """The levels around a location, innermost first."""

    levels: tuple[Sequence[Directive], ...]
    """Location, server, http."""

    @property
    def http(self) -> Sequence[Directive]:
        return self.levels[-1]

    def find(self, name: str) -> tuple[Directive, Source] | None:
        """The directive that holds: the last one on the innermost level that has one."""
        for depth, level in enumerate(self.levels):
            found = [directive for directive in level if directive.name == name]
            if found:
                return found[-1], Source.INHERITED if depth else Source.SET
        return None

    def all(self, name: str) -> tuple[list[Directive], Source]:
        """All directives of a kind that is inherited together or not at all."""
        for depth, level in enumerate(self.levels):
            if found := [directive for directive in level if directive.name == name]:
                return found, Source.INHERITED if depth else Source.SET
        return [], Source.DEFAULT

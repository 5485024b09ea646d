"""Terminals that are opened for the time of a check, so that their sockets can be looked at.

A socket whose path holds the id of a terminal is refused without one, behind a sound proxy and a broken one alike.
Where an app opens terminals stands in its profile; what it is asked for is what OpenChamber's page asks for, which
OpenCode takes too. Nothing is typed into a terminal, and it is closed at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from antechamber.policy.model import Route
from antechamber.probe.transcript import HttpTranscript

CREATE = "create a terminal"
"""How the names of routes begin that open one."""
WANTS = {"cwd": ".", "cols": 80, "rows": 24}
_IDS = ("sessionId", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminals:
    """Where one API of an app opens terminals."""

    create: str
    """Where it is asked for one, with POST."""
    item: str
    """The path of one terminal up to its id: its sockets lie below, and DELETE closes it."""

    def path_of(self, terminal: str) -> str:
        """The path of one terminal."""
        return f"{self.item.rpartition('/')[0]}/{terminal}"


def apis_of(routes: Iterable[Route]) -> tuple[Terminals, ...]:
    """Where terminals are opened that have live routes among ``routes``, beside or below the one that opens them."""
    routes = tuple(routes)
    creating = [route.path for route in routes if route.name.startswith(CREATE)]
    items = dict.fromkeys(_item(route.path) for route in routes if route.kind.live and "/:" in route.path)
    return tuple(
        Terminals(create=create, item=item)
        for create in creating
        for item in items
        if f"{create}/".startswith(f"{item.rpartition('/')[0]}/")
    )


def id_of(answer: HttpTranscript) -> str:
    """The id of the terminal that was opened; empty if none was."""
    if answer.status != 200:
        return ""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return ""
    found = told.get("data", told) if isinstance(told, dict) else {}
    ids = (found.get(key) for key in _IDS) if isinstance(found, dict) else ()
    return next((one for one in ids if isinstance(one, str)), "")


def _item(path: str) -> str:
    """A path up to its first named segment."""
    before, _, after = path.partition("/:")
    return f"{before}/:{after.partition('/')[0]}"

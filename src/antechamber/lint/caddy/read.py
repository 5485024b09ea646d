"""A Caddyfile, or Caddy's JSON, as sites. A Caddyfile is adapted by Caddy itself: nobody else knows all of its grammar.

A text that does not begin with an address is no Caddyfile (Caddy takes its first directive for one); it is told so, and
read as what was meant: the content of a site.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.lint.caddy.imports import MAIN, Laid, is_part, laid
from antechamber.lint.caddy.matching import Tree, items, words
from antechamber.lint.caddy.places import Places
from antechamber.lint.caddy.site import CaddySite, every_route
from antechamber.lint.reading import Reading
from antechamber.lint.source import Source
from antechamber.policy.effective import Effective, Place
from antechamber.policy.effective import Source as From

Program = Callable[[], str]
"""Where Caddy's own program is; :class:`ConfigError` where it is not."""

_PATIENCE_S = 30.0
_AT_LINE = re.compile(r"([^\s:\"]+):(\d+)")
_UNKNOWN = re.compile(r"module not registered: ([\w.-]+)|unrecognized directive: ([\w.-]+)")


def program(find: Program | None, name: str) -> str:
    """Caddy's program: nobody but Caddy reads a Caddyfile for certain. Raises :class:`ConfigError`."""
    way_out = "Install it (pip install antechamber[caddy]), or give the output of caddy adapt."
    if find is None:
        raise ConfigError("cannot tell: a Caddyfile is read by Caddy itself", place=name, way_out=way_out)
    try:
        return find()
    except ConfigError:
        raise ConfigError(
            "cannot tell: a Caddyfile is read by Caddy itself, which is not here", place=name, way_out=way_out
        ) from None


def read_json(source: Source) -> Reading:
    """Raises :class:`ConfigError`."""
    try:
        tree = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise ConfigError("this is not valid JSON", place=f"{source.name}:{line}") from None
    return _reading(source, tree, Places(source.name, source.text, lines=False))


def read_caddyfile(source: Source, program: str) -> Reading:
    """``program`` is Caddy's own. Raises :class:`ConfigError`."""
    work = laid(source)
    texts = {one.name: one.text for one in work.sources.values()}
    places = Places(source.name, source.text, imported=texts)
    unread = tuple(work.unread)
    adapted = _adapted(work, program)
    if not isinstance(adapted, str):
        return replace(_reading(source, adapted, places), texts=texts, unread=unread)
    if work.unread and "to import" in adapted:
        raise ConfigError(
            f"cannot tell: {work.unread[0].partition(': ')[2]}",
            place=work.unread[0].partition(": ")[0],
            way_out="Give the output of caddy adapt instead.",
        )
    fault = Effective(False, From.SET, _plain(adapted), _place(adapted, work))
    work.files[MAIN] = f":80 {{\n{work.files[MAIN]}\n}}\n"
    inner = _adapted(work, program)
    if isinstance(inner, str):
        _refuse_unknown(adapted, fault.place)
        return Reading(engine="caddy", sites=(), faults=(fault,), texts=texts, unread=unread)
    faults = () if is_part(source) else (fault,)
    return replace(_reading(source, inner, places, fragment=True, faults=faults), texts=texts, unread=unread)


def _place(message: str, work: Laid) -> Place:
    """Where Caddy says that a fault is."""
    for found in _AT_LINE.finditer(message):
        if found[1] in work.sources:
            return Place(work.sources[found[1]].name, int(found[2]))
    return Place(work.sources[MAIN].name, 1)


def _refuse_unknown(message: str, place: Place | None) -> None:
    """Raises :class:`ConfigError` for what may be a plug-in's: the Caddy that has it takes it."""
    if found := _UNKNOWN.search(message):
        raise ConfigError(
            f"cannot tell: the Caddy that is here does not know {ascii(found[1] or found[2])[1:-1]}",
            place=str(place),
            way_out="If it is a plug-in's, give the output of caddy adapt by the Caddy that has it.",
        )


def read_made(source: Source, lines: Sequence[tuple[str, int]], program: str) -> Reading:
    """A Caddyfile that is made of what stands in ``source``: its lines, each with the number of the line that it is
    made of, or 0. Raises :class:`ConfigError`."""
    adapted = _adapted(laid(Source(MAIN, "".join(f"{line}\n" for line, _ in lines))), program)
    if isinstance(adapted, str):
        at = int(found[2]) if (found := _AT_LINE.search(adapted)) else 1
        number = next((number for _, number in reversed(lines[:at]) if number), 1)
        fault = Effective(False, From.SET, _plain(adapted), Place(source.name, number))
        return Reading(engine="caddy", sites=(), faults=(fault,), texts={source.name: source.text})
    shown = {number: line for line, number in lines}
    text = "\n".join(shown.get(number, "") for number in range(1, len(source.lines) + 1))
    return replace(_reading(source, adapted, Places(source.name, text)), texts={source.name: source.text})


def _adapted(work: Laid, program: str) -> Tree | str:
    """The JSON of a Caddyfile, or what Caddy says against it, with paths as they are in the folder."""
    with tempfile.TemporaryDirectory() as folder:
        file = work.write(Path(folder))
        try:
            done = subprocess.run(  # noqa: S603  (Caddy's own program, and a file of ours)
                [program, "adapt", "--adapter", "caddyfile", "--config", str(file)],
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
                cwd=folder,
                env={"HOME": folder, "PATH": "/usr/bin:/bin"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigError(f"Caddy could not be asked: {type(error).__name__}") from None
    try:
        tree = json.loads(done.stdout)
    except (ValueError, RecursionError):
        return done.stderr.decode(errors="replace").replace(f"{folder}/", "")
    return tree if isinstance(tree, Mapping) else "it has no content"


def _plain(message: str) -> str:
    """What is wrong, out of Caddy's log line."""
    last = message.strip().splitlines()[-1:] or [""]
    found = re.search(r'"msg":"((?:[^"\\]|\\.)*)"', last[0])
    text = found[1].replace('\\"', '"') if found else last[0].removeprefix("Error: ")
    return "Caddy refuses it: " + re.sub(r"^(?:adapting config using caddyfile adapter: )?(?:[^\s:]+:\d+: )?", "", text)


def _reading(
    source: Source, tree: object, places: Places, *, fragment: bool = False, faults: tuple[Effective, ...] = ()
) -> Reading:
    apps = tree.get("apps") if isinstance(tree, Mapping) else None
    http = apps.get("http") if isinstance(apps, Mapping) else None
    servers = http.get("servers") if isinstance(http, Mapping) else None
    sites = [
        CaddySite(server=server, apps=apps, host=host, places=places, fragment=fragment)
        for server in (servers.values() if isinstance(servers, Mapping) else ())
        if isinstance(server, Mapping) and isinstance(apps, Mapping)
        for host in _hosts(server)
    ]
    return Reading(engine="caddy", sites=tuple(sites), faults=faults, texts={source.name: source.text})


def _hosts(server: Tree) -> Iterator[str]:
    names = {
        name: None
        for route in every_route(server.get("routes"))
        for one in items(route.get("match"))
        for name in words(one.get("host"))
    }
    yield from names or [""]

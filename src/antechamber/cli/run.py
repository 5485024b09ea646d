"""``antechamber run``: another proxy's own program, with the configuration that the policy makes, in the foreground."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from antechamber.cli.config import OPTIONS, load_sites
from antechamber.cli.flags import Flags, with_flags
from antechamber.cli.parameters import argument, flag
from antechamber.cli.rendering import Behind, Wishes, require_hosting, site_of
from antechamber.engines.base import Form, Runnable
from antechamber.engines.registry import ENGINES, engine
from antechamber.errors import ConfigError
from antechamber.policy.load import Loaded

if TYPE_CHECKING:
    from antechamber.supervise.place import Place
    from antechamber.supervise.wanted import Wanted

EDGE = "edge"
RUNNABLE = tuple(one for one in ENGINES if isinstance(one, Runnable) and one.name != EDGE)


def _run(
    flags: Flags,
    engine_name: Annotated[
        str, argument(metavar="ENGINE", help=f"One of {', '.join(one.name for one in RUNNABLE)}.")
    ] = "",
    site: Annotated[
        list[str] | None, flag(metavar="FILE", help="A site file; repeated, one engine serves all of them.")
    ] = None,
    behind: Annotated[Behind, flag(help="What stands further out and ends TLS.")] = Behind.NOTHING,
    binary: Annotated[
        str, flag(metavar="FILE", help="The engine's program, if it is to be another than the one found.")
    ] = "",
    directory: Annotated[
        str, flag(metavar="DIR", help="Where its configuration is put, to look at. Without it, a private one.")
    ] = "",
) -> int:
    """Runs another proxy's own program until SIGTERM or SIGINT; reloads it when a site file changes, and on SIGHUP."""
    from antechamber.net.loop import hold_standard_streams
    from antechamber.net.loop import run as run_loop
    from antechamber.supervise.binary import find
    from antechamber.supervise.judgement import RefusedError
    from antechamber.supervise.supervisor import supervise
    from antechamber.supervise.telling import quote, tell

    hold_standard_streams()
    chosen = _runnable(engine_name)
    wishes = Wishes(form=Form.WHOLE, behind=behind, certificate_flags="--tls-certificate and --tls-key")
    first = load_sites(flags, site or [])  # what a person wrote is judged before what this machine has
    _wanted(chosen, first, wishes)
    for warning in first[0].warnings:
        tell(f"warning: {warning}")
    found = find(chosen, named=binary)
    try:
        with _place(chosen, directory) as place:
            return run_loop(
                supervise(chosen, found, place, lambda: _wanted(chosen, load_sites(flags, site or []), wishes))
            )
    except RefusedError as error:
        quote(error.said)
        raise


def _runnable(name: str) -> Runnable:
    if not name:
        raise ConfigError(f"which engine? Known: {', '.join(one.name for one in RUNNABLE)}")
    if name == EDGE:
        raise ConfigError("the edge is built in and needs no other program", way_out="Run: antechamber serve.")
    chosen = engine(name, among=RUNNABLE)
    if not isinstance(chosen, Runnable):
        raise ConfigError(
            f"{chosen.title} is no program that can be run here",
            way_out=f"Print its configuration with: antechamber config {name}.",
        )
    return chosen


def _wanted(chosen: Runnable, sites: Sequence[Loaded], wishes: Wishes) -> Wanted:
    from antechamber.supervise.wanted import Wanted

    if len(sites) > 1:
        require_hosting(chosen, sites)
    return Wanted(
        sites=tuple(site_of(chosen, loaded, wishes) for loaded in sites),
        files=tuple(loaded.site_file for loaded in sites if loaded.site_file),
    )


def _place(chosen: Runnable, directory: str) -> AbstractContextManager[Place]:
    from antechamber.supervise.place import named_place, temporary_place

    return named_place(Path.cwd() / directory) if directory else temporary_place(chosen.name)


run = with_flags(_run, options=OPTIONS)

"""What an engine is to be told: read from the policy, rendered, and judged by the engine before it counts.

Nothing is put into place here: what was refused has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from antechamber.engines.base import File, Hosting, Options, Runnable, Site
from antechamber.engines.sites import is_secure
from antechamber.errors import ConfigError
from antechamber.net import vacancy
from antechamber.policy.model import Address
from antechamber.supervise.binary import Binary
from antechamber.supervise.judgement import RefusedError, judge
from antechamber.supervise.place import Place
from antechamber.supervise.watch import State, state_of

_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  (recognised here, not bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be served: one site or several, whose options say :attr:`Form.WHOLE`."""

    sites: tuple[Site, ...]
    files: tuple[Path, ...]
    """The files whose change is a reason to look again."""


Look = Callable[[], Wanted]
"""Reads what is wanted now. Raises :class:`ConfigError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an engine is told: with free ports for those of 0, in the engine's own words."""

    sites: tuple[Site, ...]
    places: tuple[vacancy.Place, ...]
    files: tuple[File, ...]
    certificates: State
    """Which ones they are, as far as the file system knows."""
    watched: tuple[Path, ...]
    seen: State
    """How the watched files were when they were read."""

    @property
    def served(self) -> list[str]:
        """What is served where, for people."""
        return [
            f"{'https' if is_secure(site.options) else 'http'}://{address} -> {_url(site.policy.upstream)}"
            for site in self.sites
            for address in site.options.listen
        ]

    @property
    def drain_s(self) -> float:
        """How long what is open may go on at the end."""
        return max(site.policy.timeouts.drain_s for site in self.sites)

    @property
    def longest_stream_s(self) -> float:
        """How long what is open may go on after a reload."""
        return max(site.policy.timeouts.stream_idle_s for site in self.sites)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address that the engine listens on."""
        return tuple(place.used for place in self.places)

    def says_the_same(self, other: Told) -> bool:
        """Whether an engine that was told ``other`` would learn nothing from this."""
        return self.files == other.files and self.certificates == other.certificates


class Reader:
    """Turns what is wanted into what ``engine`` is told."""

    def __init__(self, engine: Runnable, binary: Binary, place: Place, look: Look) -> None:
        self._engine = engine
        self._binary = binary
        self._place = place
        self._look = look

    async def read(self, before: Told | None = None) -> Told:
        """What holds now; ``before`` is what the engine was told last. Raises :class:`ConfigError`."""
        seen = state_of(self._look().files)  # before what counts is read: a change in between is not missed
        wanted = self._look()
        written = [address for site in wanted.sites for address in _listening(site.options)]
        places = vacancy.with_ports(written, before=before.places if before else ())
        held = before.addresses if before else ()
        fresh = dict.fromkeys(place.used for place in places if place.used not in held)
        self._refuse_overlaps(fresh, held)
        vacancy.require_vacant(fresh)
        told = self._told(wanted, places, seen)
        await self._have_judged(told.files)
        return told

    def _told(self, wanted: Wanted, places: Sequence[vacancy.Place], seen: State) -> Told:
        used = iter(places)
        sites = tuple(self._settled(site, used) for site in wanted.sites)
        certificates = tuple(file for site in sites if (tls := site.options.tls) for file in (tls.certificate, tls.key))
        return Told(
            sites=sites,
            places=tuple(places),
            files=_rendered(self._engine, sites),
            certificates=state_of(certificates),
            watched=(*wanted.files, *certificates),
            seen=(*seen, *state_of(certificates)),
        )

    def _settled(self, site: Site, used: Iterator[vacancy.Place]) -> Site:
        """``site`` with real ports, for the version of the engine that is here."""
        listen = tuple(next(used).used for _ in site.options.listen)
        redirect_from = next(used).used if site.options.redirect_from else None
        options = replace(site.options, listen=listen, redirect_from=redirect_from, version=self._binary.version)
        return replace(site, options=options)

    async def _have_judged(self, files: Sequence[File]) -> None:
        with self._place.candidate(files) as directory:
            judgement = await judge(self._engine.validate_argv(self._binary.path, directory), directory)
        if judgement.code:
            raise RefusedError(f"{self._engine.title} refuses its configuration", judgement.said)

    def _refuse_overlaps(self, fresh: Iterable[Address], held: Sequence[Address]) -> None:
        """The old listener is open until the new one is: an engine cannot have both."""
        for address in fresh:
            for other in held:
                if address.port == other.port and {address.host, other.host} & set(_EVERYWHERE):
                    raise ConfigError(
                        f"{self._engine.title} listens on {other}, and cannot go over to {address} while it runs",
                        way_out="Stop it and start it again.",
                    )


def _listening(options: Options) -> tuple[Address, ...]:
    return (*options.listen, *((options.redirect_from,) if options.redirect_from else ()))


def _rendered(engine: Runnable, sites: Sequence[Site]) -> tuple[File, ...]:
    if len(sites) == 1:
        return engine.render(sites[0].policy, sites[0].options)
    assert isinstance(engine, Hosting), "who makes several sites asks first"
    return engine.render_sites(sites)


def _url(upstream: Address) -> str:
    return str(upstream) if upstream.unix else f"http://{upstream}"

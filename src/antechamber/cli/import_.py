"""``antechamber import``: what a configuration says, as ``antechamber.toml``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from antechamber.cli.flags import Flags, with_flags
from antechamber.cli.lint import NOWHERE, caddy_program, wanted_site
from antechamber.cli.parameters import argument, flag
from antechamber.cli.rendering import version_of
from antechamber.engines.base import Options
from antechamber.engines.edge.engine import Edge
from antechamber.errors import ConfigError
from antechamber.lint.carry import carried
from antechamber.lint.choice import insist
from antechamber.lint.files import configurations
from antechamber.lint.judge import judged_sites
from antechamber.lint.kind import Kind
from antechamber.lint.readers import read
from antechamber.lint.reading import Site
from antechamber.policy import options as opt
from antechamber.policy.load import load
from antechamber.policy.model import Address, Policy

OPTIONS = (opt.PROFILE, opt.LISTEN)


def _import(
    flags: Flags,
    file: Annotated[str, argument(metavar="FILE|-", help="A configuration, or - (nginx -T).")],
    site: Annotated[str, flag(metavar="NAME", help="The site to take: a host name or an upstream.")] = "",
    kind: Annotated[Kind | None, flag(help="What the file is, if it does not show.")] = None,
    engine_version: Annotated[str, flag(metavar="VERSION", help="The engine's version.")] = "",
) -> int:
    """Prints what a configuration of another proxy says as antechamber.toml: the way from one engine to another."""
    loaded = load({**flags, "config": None}, environment=os.environ, directory=Path("/"), app=NOWHERE)
    found = list(configurations([file], sys.stdin.buffer, said=kind))
    if len(found) != 1:
        raise ConfigError("one configuration makes one file", place=ascii(file)[1:-1], way_out="Name a file in it.")
    readings = read(found[0], version=version_of(engine_version), caddy=caddy_program)
    every, wanted = tuple(one for reading in readings for one in reading.sites), wanted_site(loaded, site)
    insist(every, wanted)
    sites = tuple(one for reading in readings for one in judged_sites(reading, loaded.policy, wanted)) or every
    if not sites:
        raise ConfigError("no site is in it", place=ascii(file)[1:-1])
    sites = _passing(sites, loaded.policy) or sites
    if len(sites) > 1 and len({one.upstreams for one in sites}) > 1:
        names = sorted({name for one in sites for name in (one.names or one.upstreams)})
        raise ConfigError(
            "several sites are in it", place=ascii(file)[1:-1], way_out=f"Choose with --site: {', '.join(names[:8])}."
        )
    result = carried(sites[0], loaded.policy)
    for remark in (*(remark for reading in readings for remark in reading.unread), *result.remarks):
        print(f"antechamber: {remark}", file=sys.stderr)
    print(_text(result.policy, sites[0].place.file if sites[0].place else file), end="")
    return 0


def _passing(sites: Sequence[Site], policy: Policy) -> tuple[Site, ...]:
    """Without those that only redirect."""
    return tuple(site for site in sites if any(site.effective(route, policy) for route in policy.routes))


def _text(policy: Policy, file: str) -> str:
    (rendered,) = Edge().render(policy, Options(listen=_listen(policy)))
    _, _, lines = rendered.text.partition("\n\n")
    name = "".join(one if one.isprintable() else "?" for one in file)
    return f"# Read from {name} by: antechamber import\n# ACnnn names the rule that a line is there for.\n\n{lines}"


def _listen(policy: Policy) -> tuple[Address, ...]:
    """The app's own port is taken."""
    return tuple(replace(one, port=one.port + 1) if one.port == policy.upstream.port else one for one in policy.listen)


import_ = with_flags(_import, options=OPTIONS)

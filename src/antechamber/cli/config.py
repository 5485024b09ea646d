"""``antechamber config``: the policy, rendered for another proxy."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from antechamber.cli.flags import Flags, with_flags
from antechamber.cli.output import differing, printed, put
from antechamber.cli.parameters import argument, flag
from antechamber.cli.policy_text import effective_policy
from antechamber.cli.rendering import Behind, Wishes, rendered, rendered_together
from antechamber.engines.base import Engine, Form, differences
from antechamber.engines.registry import ENGINES, engine, engine_in_json
from antechamber.errors import ConfigError
from antechamber.policy import options as opt
from antechamber.policy.load import Loaded, load
from antechamber.policy.time_limits import TIME_LIMITS

UP_TO_DATE, OUT_OF_DATE = 0, 1


class Notation(StrEnum):
    """How a configuration is written."""

    TEXT = "text"
    JSON = "json"


OPTIONS = (
    opt.TO,
    opt.LISTEN,
    opt.PROFILE,
    opt.CONFIG,
    opt.PUBLIC_ORIGIN,
    opt.TRUST,
    opt.TLS_CERTIFICATE,
    opt.TLS_KEY,
    *TIME_LIMITS,
    opt.BODY_LIMIT,
    opt.UPGRADE,
    opt.UNTRUSTED_FIELDS,
)
"""The options that a rendering depends on."""


def _config(
    flags: Flags,
    engine_name: Annotated[
        str, argument(metavar="ENGINE", help=f"One of {', '.join(one.name for one in ENGINES)}.")
    ] = "",
    show: Annotated[bool, flag(help="Print the policy that holds, and where each value is from.")] = False,
    site: Annotated[
        list[str] | None,
        flag(metavar="FILE", help="A site file; repeated, all of them are put into one configuration."),
    ] = None,
    form: Annotated[
        Form, flag(help="A site of its own, parts to include in one that exists, or all that the binary needs.")
    ] = Form.SITE,
    notation: Annotated[
        Notation, flag("--format", help="The engine's own text, or JSON where it takes that (caddy).")
    ] = Notation.TEXT,
    certificate: Annotated[
        str, flag(metavar="PATH", help="Certificate chain (PEM), as a path where the engine runs.")
    ] = "",
    certificate_key: Annotated[str, flag(metavar="PATH", help="Its private key, as a path there.")] = "",
    behind: Annotated[Behind, flag(help="What stands further out and ends TLS.")] = Behind.NOTHING,
    engine_version: Annotated[
        str, flag(metavar="VERSION", help="The engine's version, where its syntax depends on it; else current.")
    ] = "",
    output: Annotated[
        str, flag("--output", "-o", metavar="DIR", help="Write files there; shows what would change first.")
    ] = "",
    overwrite: Annotated[bool, flag(help="Replace files that differ without asking.")] = False,
    check: Annotated[
        bool, flag(help="Write nothing: exit code 1 if the files in DIR are not what they would be.")
    ] = False,
) -> int:
    """Prints the configuration of another proxy that does what the policy says."""
    chosen = None if show else _engine(engine_name, notation)
    sites = load_sites(flags, site or [])
    for warning in sites[0].warnings:
        print(f"antechamber: warning: {warning}", file=sys.stderr)
    if chosen is None:
        print("\n".join(map(effective_policy, sites)), end="")
        return UP_TO_DATE
    if check and not output:
        raise ConfigError("--check has nothing to compare with", way_out="Name the directory with -o DIR.")
    wishes = Wishes(
        form=form,
        certificate=certificate,
        certificate_key=certificate_key,
        behind=behind,
        engine_version=engine_version,
    )
    files = rendered(chosen, sites[0], wishes) if len(sites) == 1 else rendered_together(chosen, sites, wishes)
    if notation is Notation.JSON:  # it has no comments to say it in
        for line in differences(chosen):
            print(f"antechamber: not as the policy says: {line}", file=sys.stderr)
    if not output:
        print(printed(files), end="")
        return UP_TO_DATE
    if check:
        return OUT_OF_DATE if differing(Path(output), files) else UP_TO_DATE
    put(Path(output), files, overwrite=overwrite)
    return UP_TO_DATE


def load_sites(flags: Flags, files: Sequence[str]) -> list[Loaded]:
    """The site that is found or named, or each of several."""
    if files and flags[opt.CONFIG.name] is not None:
        raise ConfigError("--site and --config both name site files", way_out="Name all of them with --site.")
    named = [{opt.CONFIG.name: file} for file in files] or [{}]
    return [load({**flags, **one}, environment=os.environ, directory=Path.cwd()) for one in named]


def _engine(name: str, notation: Notation) -> Engine:
    if not name:
        known = ", ".join(one.name for one in ENGINES)
        raise ConfigError(f"which engine? Known: {known}")
    return engine(name) if notation is Notation.TEXT else engine_in_json(name)


config = with_flags(_config, options=OPTIONS)

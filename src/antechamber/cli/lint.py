"""``antechamber lint``: faults in configurations that exist."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from antechamber import __version__
from antechamber.cli.flags import Flags, with_flags
from antechamber.cli.rendering import Behind, version_of
from antechamber.lint.choice import OWN_NAME, Wanted
from antechamber.lint.files import configurations
from antechamber.lint.judge import Fix, Linted, assessment
from antechamber.lint.judge import lint as lint_reading
from antechamber.lint.kind import Kind
from antechamber.lint.readers import read
from antechamber.lint.reading import Reading
from antechamber.policy import options as opt
from antechamber.policy.layers import Layer
from antechamber.policy.load import Loaded, load
from antechamber.policy.model import Route
from antechamber.policy.time_limits import TIME_LIMITS
from antechamber.report.run import RouteFacts, Run
from antechamber.rules.rule import Rule, Severity

CLEAN, FOUND = 0, 1
_NOWHERE = "http://app.invalid:80"
"""Where the app is does not matter here, unless somebody says it."""

OPTIONS = (
    opt.TO,
    opt.PROFILE,
    opt.CONFIG,
    opt.PUBLIC_ORIGIN,
    opt.TRUST,
    *TIME_LIMITS,
    opt.BODY_LIMIT,
    opt.UPGRADE,
    opt.UNTRUSTED_FIELDS,
)
"""The options that decide what is required."""


class FailOn(StrEnum):
    """How bad a finding must be for exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


def _lint(
    flags: Flags,
    files: Annotated[list[str], typer.Argument(metavar="FILE|DIR|-", help="Configurations, folders, or - (nginx -T).")],
    site: Annotated[
        str,
        typer.Option("--site", metavar="NAME", help="The site of the app: a host name, an upstream, or *."),
    ] = "",
    kind: Annotated[Kind | None, typer.Option("--kind", help="What the files are, if it does not show.")] = (None),
    engine_version: Annotated[
        str, typer.Option(metavar="VERSION", help="The engine's version: defaults have changed.")
    ] = "",
    behind: Annotated[Behind, typer.Option(help="What stands further out and ends TLS.")] = Behind.NOTHING,
    fail_on: Annotated[FailOn, typer.Option(help="How bad a finding must be for exit code 1.")] = FailOn.WARNING,
) -> int:
    """Finds what breaks sockets, event streams and uploads in the configurations of other proxies."""
    loaded = load(flags, environment=os.environ, directory=Path.cwd(), app=_NOWHERE)
    for warning in loaded.warnings:
        print(f"antechamber: warning: {warning}", file=sys.stderr)
    version = version_of(engine_version)
    wanted = _wanted(loaded, site)
    readings = [read(one, version=version) for one in configurations(files, sys.stdin.buffer, said=kind)]
    linted = [lint_reading(one, loaded.policy, wanted, outer_cdn=behind is Behind.CLOUDFLARE) for one in readings]
    run = _run(loaded, files, readings, linted)
    print(_text(run), end="")
    return FOUND if fail_on is not FailOn.NEVER and run.assessment.at_least(Severity(fail_on)) else CLEAN


def _wanted(loaded: Loaded, site: str) -> Wanted:
    to = loaded.setting(opt.TO)
    origin = loaded.policy.public_origin
    words = {loaded.policy.profile.rpartition("/")[2].removesuffix(".toml"), loaded.policy.app.lower(), OWN_NAME}
    return Wanted(
        site=site,
        upstream=loaded.policy.upstream if to and to.layer is not Layer.DEFAULT else None,
        name=origin.host.partition(":")[0] if origin else "",
        words=tuple(words - {"generic", "the app"}),
    )


def _run(loaded: Loaded, files: list[str], readings: list[Reading], linted: list[Linted]) -> Run:
    elsewhere = [set(one.not_passed_on) for one in linted if one.sites]
    skipped = set.intersection(*elsewhere) if elsewhere else set()
    return Run(
        command="lint",
        target=", ".join(files),
        assessment=assessment(linted, _words_of),
        version=__version__,
        profile=loaded.policy.profile,
        app=loaded.policy.app,
        routes=tuple(
            RouteFacts(
                path=route.path,
                kind=route.kind,
                not_applicable="the proxy answers it by itself" if route.path in skipped else "",
            )
            for route in loaded.policy.routes
        ),
        files=tuple(dict.fromkeys(name for one in readings for name in one.texts)),
        texts={name: text for one in readings for name, text in one.texts.items()},
        remarks=tuple(remark for one in linted for remark in one.remarks),
        secret_query_keys=loaded.policy.secret_query_keys,
    )


def _words_of(engine_name: str) -> Fix:
    from antechamber.engines.registry import engine  # templates take a tenth of a second to import

    chosen = engine(engine_name)

    def words(rule: Rule, route: Route) -> str:
        field = rule.field or rule.mended_by
        return chosen.fix(field, route) if field else ""

    return words


def _text(run: Run) -> str:
    lines = []
    for finding in (*run.assessment.findings, *run.assessment.advice):
        lines.append(
            f"{finding.place or '-'}: {finding.rule.id} {finding.rule.name} [{finding.rule.severity}]"
            f"{'' if finding.certain else ' (likely)'}: {'; '.join(finding.evidence)} on {', '.join(finding.paths)}"
        )
        lines += [f"    under it: {one.rule.id} {one.rule.name}" for one in finding.consequences]
    return "".join(f"{line}\n" for line in (*lines, *run.remarks))


lint = with_flags(_lint, options=OPTIONS)

"""``antechamber lint``: faults in configurations that exist."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from antechamber import __version__
from antechamber.cli.flags import Flags, with_flags
from antechamber.cli.parameters import argument, flag
from antechamber.cli.rendering import Behind, version_of
from antechamber.engines.base import Engine
from antechamber.errors import ConfigError
from antechamber.lint.choice import OWN_NAME, Wanted, insist
from antechamber.lint.files import Configuration, configurations
from antechamber.lint.judge import Fix, Linted, assessment, lint_together
from antechamber.lint.kind import Kind
from antechamber.lint.nginx.directives import Version
from antechamber.lint.readers import read
from antechamber.lint.reading import Reading
from antechamber.lint.source import Source
from antechamber.policy import options as opt
from antechamber.policy.layers import Layer
from antechamber.policy.load import Loaded, load
from antechamber.policy.model import Route
from antechamber.policy.time_limits import TIME_LIMITS
from antechamber.report.render import Form, render
from antechamber.report.run import RouteFacts, Run
from antechamber.rules.finding import Assessment
from antechamber.rules.rule import Rule, Severity

CLEAN, FOUND = 0, 1
NOWHERE = "http://app.invalid:80"
"""Where the app is does not matter here, unless somebody says it."""
_LONGEST = 400
"""Of a line; nothing longer is shown."""
_NOT_MENDED = {
    Kind.COMPOSE: "Name the file that it mounts.",
    Kind.HAPROXY: "Each fix has the lines to write, and antechamber config haproxy a whole file.",
    Kind.CADDY_JSON: "Mend the Caddyfile that it is made of, or see each fix.",
    Kind.NPM_DATABASE: "Change NPM's tabs, as each fix says; antechamber config npm writes them all.",
}
"""What to do instead of --fix."""
_SECRET = re.compile(r"(?i)((?:authorization|cookie|password|passwd|secret|token|api[-_]?key)\S*[ \t]+).*")

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
    files: Annotated[list[str], argument(metavar="FILE|DIR|-", help="Configurations, folders, or - (nginx -T).")],
    site: Annotated[
        str,
        flag(metavar="NAME", help="The site of the app: a host name, an upstream, or *."),
    ] = "",
    kind: Annotated[Kind | None, flag(help="What the files are, if it does not show.")] = None,
    engine_version: Annotated[str, flag(metavar="VERSION", help="The engine's version: defaults have changed.")] = "",
    behind: Annotated[Behind, flag(help="What stands further out and ends TLS.")] = Behind.NOTHING,
    fix: Annotated[bool, flag(help="Mend what is safe in nginx's and Caddy's files, and lint the result.")] = False,
    diff: Annotated[bool, flag(help="Print what --fix would change, and change nothing.")] = False,
    form: Annotated[Form, flag("--format", help="What is printed.")] = Form.TEXT,
    fail_on: Annotated[FailOn, flag(help="How bad a finding must be for exit code 1.")] = FailOn.WARNING,
) -> int:
    """Finds what breaks sockets, event streams and uploads in the configurations of other proxies."""
    loaded = load(flags, environment=os.environ, directory=Path.cwd(), app=NOWHERE)
    for warning in loaded.warnings:
        print(f"antechamber: warning: {warning}", file=sys.stderr)
    version = version_of(engine_version)
    wanted = wanted_site(loaded, site)
    cdn = behind is Behind.CLOUDFLARE
    readings: list[Reading] = []
    for one in configurations(files, sys.stdin.buffer, said=kind):
        if any(one.source.name in reading.texts for reading in readings):
            continue  # another file includes it
        if fix or diff:
            readings.append(_mend(one, loaded, wanted, version, cdn=cdn, write=fix))
        else:
            readings += read(one, version=version, caddy=caddy_program)
    insist([site for one in readings for site in one.sites], wanted)
    if diff and not fix:
        return CLEAN
    linted = lint_together(readings, loaded.policy, wanted, outer_cdn=cdn)
    run = _run(loaded, files, readings, linted)
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(render(run, form, width=shutil.get_terminal_size((100, 24)).columns, color=color), end="")
    return FOUND if fail_on is not FailOn.NEVER and run.assessment.at_least(Severity(fail_on)) else CLEAN


def caddy_program() -> str:
    from antechamber.engines.caddy.engine import Caddy  # needed for Caddyfiles only
    from antechamber.supervise.binary import find

    return find(Caddy()).path


def wanted_site(loaded: Loaded, site: str) -> Wanted:
    to = loaded.setting(opt.TO)
    profile = loaded.setting(opt.PROFILE)
    origin = loaded.policy.public_origin
    words = {loaded.policy.profile.rpartition("/")[2].removesuffix(".toml"), loaded.policy.app.lower(), OWN_NAME}
    return Wanted(
        site=site,
        upstream=loaded.policy.upstream if to and to.layer is not Layer.DEFAULT else None,
        app_said=profile is not None and profile.layer is not Layer.DEFAULT,
        name=origin.host.partition(":")[0] if origin else "",
        words=tuple(words - {"generic", "the app"}),
    )


def _run(loaded: Loaded, files: list[str], readings: list[Reading], linted: list[Linted]) -> Run:
    elsewhere = [set(one.not_passed_on) for one in linted if one.sites]
    skipped = set.intersection(*elsewhere) if elsewhere else set()
    judged = assessment(linted, _words_of)
    texts = {name: text for one in readings for name, text in one.texts.items()}
    return Run(
        command="lint",
        target=", ".join(files),
        assessment=judged,
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
        texts=_cited(texts, judged),
        remarks=tuple(remark for one in linted for remark in one.remarks),
        secret_query_keys=loaded.policy.secret_query_keys,
    )


def _words_of(name: str) -> Fix:
    chosen = _engine(name)

    def words(rule: Rule, route: Route) -> str:
        field = rule.field or rule.mended_by
        return chosen.fix(field, route) if field else ""

    return words


def _engine(name: str) -> Engine:
    """As the registry has it, without importing the others: that would take longer than the whole lint."""
    if name == "nginx":
        from antechamber.engines.nginx.engine import Nginx

        return Nginx()
    from antechamber.engines.registry import engine

    return engine(name)


def _cited(texts: Mapping[str, str], judged: Assessment) -> dict[str, str]:
    """Of each text only the lines that findings are about, without values that are secrets by their name."""
    places = {one.place for root in (*judged.findings, *judged.advice) for one in root.walk() if one.place}
    cited: dict[str, str] = {}
    for name in {place.file for place in places} & set(texts):
        numbers = {place.line for place in places if place.file == name}
        lines = texts[name].split("\n")
        cited[name] = "\n".join(
            _SECRET.sub(r"\1***", line[:_LONGEST]) if number in numbers else ""
            for number, line in enumerate(lines, start=1)
        )
    return cited


def _mend(
    configuration: Configuration, loaded: Loaded, wanted: Wanted, version: Version | None, *, cdn: bool, write: bool
) -> Reading:
    """Shows what is safe to change, changes it if asked to, and gives what is then read."""
    if configuration.kind is Kind.CADDYFILE:
        return _mend_caddyfile(configuration.source, loaded, wanted, cdn=cdn, write=write)
    if configuration.kind is not Kind.NGINX:
        raise ConfigError(
            f"{configuration.kind} files are not mended by this",
            place=configuration.source.name,
            way_out=_NOT_MENDED.get(configuration.kind, "See each fix."),
        )
    from antechamber.lint.nginx.fix import fixed  # who only looks need not wait for it
    from antechamber.lint.nginx.read import read as read_nginx

    before = read_nginx(configuration.source, version=version)
    if before.reading.engine == "npm":
        raise ConfigError(
            "Nginx Proxy Manager writes this file itself, and would write it again",
            place=configuration.source.name,
            way_out="Change its tabs, as each fix says; antechamber config npm writes them all.",
        )
    texts, after = fixed(before, loaded.policy, wanted, outer_cdn=cdn)
    for name, text in texts.items():
        _change(name, before.config.texts[name], text, before.config.files.get(name), write=write)
    return after.reading


def _mend_caddyfile(source: Source, loaded: Loaded, wanted: Wanted, *, cdn: bool, write: bool) -> Reading:
    from antechamber.lint.caddy.fix import fixed
    from antechamber.lint.caddy.read import program

    done = fixed(source, program(caddy_program, source.name), loaded.policy, wanted, outer_cdn=cdn)
    _change(source.name, source.text, done.text, source.path, write=write)
    return done.reading


def _change(name: str, old: str, text: str, path: Path | None, *, write: bool) -> None:
    """Shows what is new, or writes it down; what came from standard input is printed. Lines end as they did."""
    if "\r\n" in old:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    if text == old:
        return
    if not write:
        lines = difflib.unified_diff(
            old.splitlines(keepends=True), text.splitlines(keepends=True), name, f"{name} (mended)"
        )
        print("".join(lines), end="")
    elif path:
        _overwrite(path, text)
    else:
        print(text, end="")


def _overwrite(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", place="--fix") from None
    print(f"antechamber: mended {path}", file=sys.stderr)


lint = with_flags(_lint, options=OPTIONS)

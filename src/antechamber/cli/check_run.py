"""One run of ``check``: what was asked for, made into a question; what is known, made into a report."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from antechamber.cli.check_report import report_of
from antechamber.cli.progress import Progress
from antechamber.engines.registry import ENGINES
from antechamber.engines.registry import engine as engine_called
from antechamber.engines.words import fix_words
from antechamber.errors import ConfigError
from antechamber.net.loop import run
from antechamber.net.stream import ClientTls
from antechamber.policy.model import Policy, Route
from antechamber.policy.quantities import Duration
from antechamber.policy.value import ValueProblem
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.patience import Patience
from antechamber.probe.target import Target
from antechamber.protocol.http1 import Field, is_field_section
from antechamber.report.render import Form, render
from antechamber.rules.assess import Fix
from antechamber.rules.finding import Assessment
from antechamber.rules.rule import Rule, Severity
from antechamber.surface.request import MAX_SECONDS, is_token

CLEAN, FOUND, LOGIN_NEEDED, INTERRUPTED = 0, 1, 4, 130
SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HOP = re.compile(r"([A-Za-z0-9][\w.-]*)=(https?://.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line, as it was written."""

    url: str
    direct: str = ""
    hops: tuple[str, ...] = ()
    password: str = field(default="", repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)
    headers: tuple[str, ...] = field(default=(), repr=False)
    token: str = field(default="", repr=False)
    authorities: str = ""
    patience: str = ""
    writes: bool = False
    form: Form = Form.TEXT
    output: Path | None = None
    fail_on: str = Severity.WARNING.value
    engine: str = ""


def run_check(wanted: Wanted, policy: Policy) -> int:
    """Check, write the report, and return the exit code. Raises :class:`antechamber.errors.AntechamberError`."""
    question = question_of(wanted, policy)
    if wanted.engine:
        engine_called(wanted.engine)
    patience = _patience(wanted.patience)
    _refuse_unwritable(wanted.output)
    started, began_s = datetime.now(UTC), time.monotonic()
    with Progress(Console(stderr=True)) as progress:
        inquiry = Inquiry(question, tell=progress.tell)
        interrupted = run(_until_done(inquiry, patience))
    assessment = inquiry.assessment(fix_of(wanted.engine, inquiry))
    report = report_of(inquiry, assessment, started=started, took_s=time.monotonic() - began_s, interrupted=interrupted)
    out = Console()
    width = out.width if out.is_terminal else 100
    text = render(report, wanted.form, width=width, color=out.is_terminal and not out.no_color and not wanted.output)
    _write(text, wanted.output)
    return INTERRUPTED if interrupted else _code(assessment, inquiry, Severity(wanted.fail_on))


async def _until_done(inquiry: Inquiry, patience: Patience | None) -> bool:
    """Run to the end, or until Ctrl-C; whether it was that. What is known by then stays known."""
    loop, work = asyncio.get_running_loop(), asyncio.current_task()
    assert work is not None
    for number in SIGNALS:
        loop.add_signal_handler(number, work.cancel)
    try:
        await inquiry.run()
        if patience is not None:
            await patience.wait(inquiry)
    except asyncio.CancelledError:
        return True
    except BaseExceptionGroup as group:  # of the tasks that look: one error is enough to tell
        raise group.exceptions[0] from None
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
    return False


def question_of(wanted: Wanted, policy: Policy) -> Question:
    """What was asked for, checked. Raises :class:`ConfigError`."""
    if wanted.token and not is_token(wanted.token):
        raise ConfigError("not a probe token", place="--probe-token", way_out="It has 8 to 128 of A-Z a-z 0-9 - . _ ~")
    tls = ClientTls(authorities=wanted.authorities)
    own = tuple(_fields(wanted))
    through = Target.of(wanted.url, tls=tls, place="URL").with_lane().carrying(*own)
    direct = Target.of(wanted.direct, tls=tls, place="--direct").with_lane().carrying(*own) if wanted.direct else None
    return Question(
        policy=policy,
        through=through,
        direct=direct,
        hops=tuple((name, Target.of(url, tls=tls, place="--hop").with_lane()) for name, url in _hops(wanted.hops)),
        token=wanted.token,
        password=wanted.password,
        writes=wanted.writes,
    )


def _hops(written: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    names: set[str] = set()
    for word in written:
        found = _HOP.fullmatch(word)
        if found is None:
            way_out = "Write it like --hop nginx=http://10.0.0.5:8080"
            raise ConfigError(f"not NAME=URL: {word}", place="--hop", way_out=way_out)
        if found[1] in names:
            raise ConfigError(f"two stations are called {found[1]}", place="--hop", way_out="Give each its own name.")
        names.add(found[1])
        yield found[1], found[2]


def _fields(wanted: Wanted) -> Iterator[Field]:
    for cookie in wanted.cookies:
        if "=" not in cookie:
            raise ConfigError("a cookie needs a name and a value", place="--cookie", way_out="Write it like session=…")
        yield b"Cookie", _octets(cookie, "--cookie")
    for header in wanted.headers:
        name, colon, value = header.partition(":")
        if not colon:
            raise ConfigError(
                "a field needs a name and a value", place="--header", way_out='Write it like "Name: value"'
            )
        yield _octets(name.strip(), "--header"), _octets(value.strip(), "--header")


def _octets(text: str, place: str) -> bytes:
    octets = text.encode("utf-8")
    if not is_field_section(b"x: " + octets + b"\r\n"):
        raise ConfigError("line ends and control characters cannot stand in a field", place=place)
    return octets


def _patience(written: str) -> Patience | None:
    if not written:
        return None
    try:
        seconds = Duration(least_s=1.0, most_s=MAX_SECONDS).parse(written, base=Path())
    except ValueProblem as problem:
        raise ConfigError(problem.problem, place="--patience", way_out=problem.way_out) from None
    return Patience(seconds)


def fix_of(engine_name: str, inquiry: Inquiry) -> Fix | None:
    """The words of the engine that was named, or of the one that was recognised, if it is one alone."""
    known = {one.name for one in ENGINES}
    recognised = {one.engine for one in inquiry.known.software} & known
    name = engine_name or (recognised.pop() if len(recognised) == 1 else "")
    if not name:
        return None
    chosen = engine_called(name)

    def words(rule: Rule, route: Route) -> str:
        return fix_words(chosen, rule.fix_fields, route)

    return words


def _code(assessment: Assessment, inquiry: Inquiry, fail_on: Severity) -> int:
    if assessment.at_least(fail_on):
        return FOUND
    known = inquiry.known
    return LOGIN_NEEDED if known.login_needed and not known.signed_in else CLEAN


def _refuse_unwritable(output: Path | None) -> None:
    """Before anything is asked, not after minutes of it."""
    if output is not None and (output.is_dir() or not output.absolute().parent.is_dir()):
        raise ConfigError(f"{output} cannot be written: there is no such folder, or it is one", place="--output")


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}", place="--output") from None
    with contextlib.suppress(BrokenPipeError):
        print(f"antechamber: wrote {output}", file=sys.stderr)

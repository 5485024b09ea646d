"""The demo: start the chain, look at every route both ways, print the table, stay up.

Standard output gets the result, standard error the progress; spinners only where both a person and a terminal are.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from antechamber.demo.chain import Chain, Wishes, chain
from antechamber.demo.rows import OK, TOLD, rows_of
from antechamber.probe.inquiry import Inquiry
from antechamber.report.table import Row, show

ALL_GOOD, SOME_DIFFER, INTERRUPTED = 0, 1, 130
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PLAIN_COLUMNS = 120
"""Width of a table that goes into a file or a pipe: the same everywhere."""


class _Stop:
    """What a signal does: cancels the work, or, once the table stands, ends the staying up."""

    def __init__(self, work: asyncio.Task[object]) -> None:
        self._work = work
        self.staying: asyncio.Event | None = None

    def __call__(self) -> None:
        if self.staying is None:
            self._work.cancel()
        else:
            self.staying.set()


async def run_demo(wishes: Wishes, *, once: bool, out: Console, err: Console) -> int:
    """Run the demo to its end; returns the exit code. Raises :class:`ChildError` when a child fails."""
    loop = asyncio.get_running_loop()
    work = asyncio.current_task()
    assert work is not None
    stop = _Stop(work)
    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        return await _run(wishes, stop, once=once, out=out, err=err)
    except asyncio.CancelledError:
        return INTERRUPTED
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def _run(wishes: Wishes, stop: _Stop, *, once: bool, out: Console, err: Console) -> int:
    began_s = time.monotonic()
    _say(err, "starting the chamber (a live app) and the edge in front of it")
    async with chain(wishes) as running:
        rows = await _rows(running, err)
        title = f"{running.policy.app} through {running.url}, {len(rows)} routes, {time.monotonic() - began_s:.1f} s"
        show(rows, out, title=title, wanted=TOLD)
        code = _sum_up(rows, out)
        if not once:
            await _stay(running, stop, out)
        return code


async def _rows(running: Chain, err: Console) -> list[Row]:
    """The same inquiry as ``antechamber check`` makes, as rows."""
    policy = running.policy
    _say(err, f"driving {len(policy.routes)} routes of the profile {policy.profile}, through the edge and directly")
    with _progress(err) as progress:
        task = progress.add_task("routes", total=None)

        def tell(what: str, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=what)

        inquiry = Inquiry(running.question, tell=tell)
        await inquiry.run()
    return rows_of(inquiry, inquiry.assessment())


def _sum_up(rows: Sequence[Row], out: Console) -> int:
    bad = sum(one.verdict != OK for one in rows)
    if bad:
        out.print(f"{bad} of {len(rows)} routes do not work through the chain as they do directly.", style="bold red")
        return SOME_DIFFER
    out.print(f"All {len(rows)} routes work through the chain as they do directly.", style="green")
    return ALL_GOOD


async def _stay(running: Chain, stop: _Stop, out: Console) -> None:
    """Stay up until told to stop, or until a child ends, which it should not."""
    out.print(f"\nOpen     {running.url}\nPassword {running.password}\nStop     Ctrl-C", highlight=False)
    stop.staying = asyncio.Event()
    told = asyncio.create_task(stop.staying.wait())
    ends = [asyncio.create_task(child.wait()) for child in running.children]
    await asyncio.wait({told, *ends}, return_when=asyncio.FIRST_COMPLETED)
    ended = [child for child, end in zip(running.children, ends, strict=True) if end.done()]
    for task in (told, *ends):
        task.cancel()
    if ended and not stop.staying.is_set():
        raise ended[0].complaint(f"ended with exit code {ended[0].process.returncode}")


def _progress(err: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", style="dim"),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def _say(err: Console, line: str) -> None:
    err.print(f"antechamber: {line}", highlight=False, style="dim", soft_wrap=True)

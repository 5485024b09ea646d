"""Takes the samples: round by round, figure by figure, contestant by contestant, with the time left on stderr."""

import contextlib
import datetime
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from bench.contestants import Contestant, Place, Running, nginx_binary, start_nginx
from bench.figure import Effort, Figure, Upstream
from bench.process import Process, Processors, stopping
from bench.results import Entrant, Results, Sample, this_machine

ORIGIN_BODY = "0123456789abcdef" * 64


class Progress:
    """One line that rewrites itself on a terminal, one line per sample elsewhere."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._done = 0
        self._began = time.monotonic()
        self._stream = stream

    def next(self, what: str) -> None:
        """Announce the sample that is about to be taken."""
        left = ""
        if self._done:
            seconds = (time.monotonic() - self._began) / self._done * (self._total - self._done)
            left = f", about {datetime.timedelta(seconds=round(seconds))} left"
        line = f"bench: {self._done + 1}/{self._total} {what}{left}"
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{line}")
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
        self._done += 1

    def end(self) -> None:
        """Leave the line."""
        spent = datetime.timedelta(seconds=round(time.monotonic() - self._began))
        self._stream.write(f"{chr(10) if self._stream.isatty() else ''}bench: {self._done} samples in {spent}\n")


def run(
    figures: Sequence[Figure], contestants: Sequence[Contestant], effort: Effort, remarks: Sequence[str]
) -> Results:
    """All samples of all figures. Rounds are the outer loop, so that a slow quarter of an hour meets everybody.

    Every other turn goes through the contestants backwards: nobody gains or loses by being measured late in a turn.
    """
    machine = this_machine()
    processors = Processors.available()
    turns = [
        (turn, figure, contestant)
        for number in range(effort.rounds)
        for figure in figures
        for turn in range(number * figure.often, (number + 1) * figure.often)
        for contestant in (contestants if turn % 2 == 0 else tuple(reversed(contestants)))
        if takes_part(figure, contestant)
    ]
    progress = Progress(len(turns), sys.stderr)
    samples: list[Sample] = []
    with on_processors(processors.others):
        for turn, figure, contestant in turns:
            progress.next(f"round {turn // figure.often + 1}/{effort.rounds}: {figure.title}, {contestant.title}")
            samples.append(Sample(figure.key, contestant.key, turn, take(figure, contestant, effort, processors)))
    progress.end()
    return Results(
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=machine,
        effort=effort,
        entrants=tuple(Entrant(one.key, one.title, one.version, one.note) for one in contestants),
        remarks=tuple(remarks),
        samples=tuple(samples),
    )


def takes_part(figure: Figure, contestant: Contestant) -> bool:
    """Direct access has no processor time and no memory, so it is left out where nothing else is measured."""
    return contestant.key != "direct" or any(not metric.needs_process for metric in figure.metrics)


def take(figure: Figure, contestant: Contestant, effort: Effort, processors: Processors) -> dict[str, float]:
    """One sample: a fresh upstream, a fresh contestant before it, the load; all of it gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="antechamber-bench-") as base, contextlib.ExitStack() as stack:
        directory = Path(base)
        upstream_port = stack.enter_context(_upstream(figure, _place(directory, "upstream", processors.others, 0)))
        running = contestant.start(_place(directory, contestant.key, processors.measured, upstream_port))
        if running.process:
            stack.enter_context(stopping(running.process))
        return figure.measure(running, effort, directory)


@contextlib.contextmanager
def on_processors(processors: frozenset[int]) -> Iterator[None]:
    """Run this process, which is the load generator, on ``processors``."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def _upstream(figure: Figure, place: Place) -> Iterator[int]:
    running = _origin(place) if figure.upstream is Upstream.ORIGIN else _app(place)
    assert running.process
    with stopping(running.process):
        yield running.port


def _app(place: Place) -> Running:
    argv = [sys.executable, "-m", "bench.upstream"]
    process = Process(argv, processors=place.processors, log=place.directory / "stdout.log", env={})
    found = re.search(r":(\d+)$", process.wait_for_text("upstream at"))
    assert found
    return Running(int(found[1]), process)


def _origin(place: Place) -> Running:
    program, _ = nginx_binary()
    return start_nginx(program, "origin.conf", place, body=ORIGIN_BODY)


def _place(base: Path, name: str, processors: frozenset[int], upstream_port: int) -> Place:
    directory = base / name
    directory.mkdir()
    return Place(directory, processors, upstream_port)

"""``python -m bench``: measure, then write the samples, the page and the plot.

A full run writes ``docs/benchmarks.{json,md,svg}``; a quick or partial one writes to ``build/bench``, unless ``--out``
says otherwise, so that a glance never replaces the official figures.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import contestants, report
from bench.contestants import MissingError
from bench.figure import FULL, QUICK, Figure, MeasureError
from bench.figures import FIGURES
from bench.figures.small_get import SmallGet, wrk_binary
from bench.process import StartError
from bench.results import Results, this_machine
from bench.runner import run

ROOT = Path(__file__).parent.parent
OFFICIAL = ROOT / "docs"
GLANCE = ROOT / "build" / "bench"


def main(argv: Sequence[str] | None = None) -> int:
    """0 measured, 1 something went wrong while measuring, 2 misuse."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whatever was started is ended
    arguments = _parser().parse_args(argv)
    out: Path = arguments.out or (OFFICIAL if _is_whole(arguments) else GLANCE)
    if arguments.render:
        report.write(Results.from_json((out / report.SAMPLES).read_text()), out)
        return 0
    effort = QUICK if arguments.quick else FULL
    effort = replace(effort, rounds=arguments.rounds or effort.rounds)
    entrants, remarks = contestants.present(arguments.contestants or list(contestants.ALL))
    figures, more = _measurable([figure for figure in FIGURES if not arguments.only or figure.key in arguments.only])
    remarks += more
    if not this_machine().quiet:
        remarks.append("CAUTION: the machine was not idle when the run began; do not quote these figures.")
    for line in (*remarks, *(entrant.note for entrant in entrants if entrant.note)):
        _say(line)
    try:
        results = run(figures, entrants, effort, remarks)
    except (StartError, MeasureError, MissingError) as error:
        _say(str(error))
        return 1
    out.mkdir(parents=True, exist_ok=True)
    report.write(results, out)
    print(report.targets_table(results))
    _say(f"written to {out / report.PAGE}")
    return 0


def _is_whole(arguments: argparse.Namespace) -> bool:
    return not (arguments.quick or arguments.only or arguments.contestants or arguments.rounds)


def _measurable(figures: list[Figure]) -> tuple[list[Figure], list[str]]:
    try:
        wrk_binary()
    except MissingError as error:
        return [figure for figure in figures if figure.key != SmallGet.key], [f"CAUTION: {error}. Figure left out."]
    return figures, []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="the edge beside nginx, Caddy and HAProxy")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: two to three minutes")
    keys, names = [figure.key for figure in FIGURES], list(contestants.ALL)
    parser.add_argument(
        "--only", action="append", choices=keys, metavar="FIGURE", help=f"one or more of {', '.join(keys)}"
    )
    parser.add_argument(
        "--contestants", action="append", choices=names, metavar="WHO", help=f"one or more of {', '.join(names)}"
    )
    parser.add_argument(
        "--rounds", type=int, choices=range(1, 101), metavar="N", help="how often all is measured, 1 to 100"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where samples, page and plot go")
    parser.add_argument("--render", action="store_true", help="measure nothing: write page and plot from the samples")
    return parser


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

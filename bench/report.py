"""From samples to ``benchmarks.md``: the prose stands in ``bench/page.md``, the tables are made here."""

from pathlib import Path
from string import Template

from bench import plot
from bench.figure import MIB, Figure, Metric
from bench.figures import FIGURES
from bench.ratios import EDGE, TARGETS, Spread, Target, Verdict, level, ratio
from bench.results import Entrant, Results

SAMPLES = "benchmarks.json"
PAGE = "benchmarks.md"
PICTURE = "benchmarks.svg"
TEMPLATE = Path(__file__).parent / "page.md"
MARKS = {
    Verdict.GOAL: "✔ goal",
    Verdict.FLOOR: "✔ floor",
    Verdict.LEVEL: "≈ level with the floor",
    Verdict.MISSED: "✘ missed",
    Verdict.UNKNOWN: "not measured",
}


def write(results: Results, out: Path) -> None:
    """Samples, page and picture into ``out``."""
    (out / SAMPLES).write_text(results.to_json())
    (out / PAGE).write_text(page(results))
    plot.write(results, out / PICTURE)


def page(results: Results) -> str:
    """The whole page."""
    measured = {sample.figure for sample in results.samples}
    return Template(TEMPLATE.read_text()).substitute(
        targets=targets_table(results),
        figures="\n\n".join(_figure(results, figure) for figure in FIGURES if figure.key in measured),
        run=_run(results),
    )


def targets_table(results: Results) -> str:
    """Floors and goals, with what was measured against them."""
    rows = [_target_row(results, target) for target in TARGETS]
    return _table(("figure", "edge ÷", "floor", "goal", "measured", "95 %", ""), "lrrrrrl", rows)


def _target_row(results: Results, target: Target) -> tuple[str, ...]:
    figure, metric = find(target.figure, target.metric)
    entrants = {entrant.key: entrant.title for entrant in results.entrants}
    sign, unit = ("≥" if target.at_least else "≤"), ("" if target.peer else f" {metric.unit}")
    spread = target.measured(results)
    return (
        f"{figure.title}: {metric.title}",
        entrants.get(target.peer, target.peer) if target.peer else "(absolute)",
        f"{sign} {target.floor:g}{unit}",
        f"{sign} {target.goal:g}{unit}",
        _spread(spread) + unit if spread else "–",
        f"{_number(spread.sure_low)} – {_number(spread.sure_high)}" if spread else "–",
        MARKS[target.verdict(results)],
    )


def find(figure_key: str, metric_key: str) -> tuple[Figure, Metric]:
    """The figure and the metric of these keys."""
    figure = next(figure for figure in FIGURES if figure.key == figure_key)
    return figure, next(metric for metric in figure.metrics if metric.key == metric_key)


def _figure(results: Results, figure: Figure) -> str:
    first = figure.metrics[0]
    titles = ("", *(f"{metric.title}, {metric.unit}" for metric in figure.metrics), f"edge ÷, {first.title}")
    rows = [
        _figure_row(results, figure, entrant)
        for entrant in results.entrants
        if any(level(results, figure.key, entrant.key, metric.key) for metric in figure.metrics)
    ]
    return f"### {figure.title}\n\n{figure.how}\n\n" + _table(titles, "l" + "r" * (len(titles) - 1), rows)


def _figure_row(results: Results, figure: Figure, entrant: Entrant) -> tuple[str, ...]:
    cells = [entrant.title]
    for metric in figure.metrics:
        spread = level(results, figure.key, entrant.key, metric.key)
        cells.append(_spread(spread) if spread else "–")
    against = ratio(results, figure.key, figure.metrics[0].key, to=entrant.key) if entrant.key != EDGE else None
    return (*cells, _spread(against) if against else "–")


def _run(results: Results) -> str:
    machine, effort = results.machine, results.effort
    versions = ", ".join(f"{one.title} {one.version}" for one in results.entrants if one.key != "direct")
    lines = [
        f"- {results.date}; {machine.processor}, {machine.processors} processors, {machine.memory_gib:g} GiB; "
        f"{machine.system}; Python {machine.python}",
        f"- {versions}",
        f"- {effort.rounds} rounds{_more_often()}; windows of {effort.window_s:g} s after {effort.warm_up_s:g} s of "
        f"warm-up; "
        f"{effort.idle_streams:,} idle streams; bodies of {effort.transfer_bytes // MIB:,} MiB; "
        f"load average before the run {machine.load:.2f}",
        *(f"- {remark}" for remark in results.remarks),
        *(f"- {one.note}" for one in results.entrants if one.note),
    ]
    return "\n".join(lines)


def _more_often() -> str:
    return "".join(f", {figure.often} turns each of *{figure.title}*" for figure in FIGURES if figure.often > 1)


def _spread(spread: Spread) -> str:
    return f"{_number(spread.median)} ({_number(spread.low)} – {_number(spread.high)})"


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(titles: tuple[str, ...], alignment: str, rows: list[tuple[str, ...]]) -> str:
    ruler = tuple("---" if side == "l" else "--:" for side in alignment)
    return "\n".join(f"| {' | '.join(row)} |" for row in (titles, ruler, *rows))

"""The picture of the page: one small panel per figure, one bar per contestant, the edge in colour."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from bench.figures import FIGURES
from bench.ratios import EDGE, level
from bench.results import Entrant, Results

PANELS: tuple[tuple[str, str], ...] = (
    ("small-get", "requests_per_s"),
    ("small-get", "cpu_us"),
    ("echo", "cpu_us"),
    ("events-50", "cpu_us"),
    ("events-1000", "cpu_us"),
    ("events-1000", "p99_us"),
    ("idle-sse", "kib"),
    ("idle-ws", "kib"),
    ("upload", "gib_per_s"),
    ("download", "gib_per_s"),
    ("upload", "slow_growth_mib"),
    ("download", "slow_growth_mib"),
)
COLUMNS = 3
EDGE_COLOUR, PEER_COLOUR, REFERENCE_COLOUR = "#c2410c", "#64748b", "#cbd5e1"
REFERENCES = ("relay", "direct")


def write(results: Results, path: Path) -> None:
    """The picture as SVG (or as the suffix of ``path`` says), the same bytes for the same results."""
    rows = -(-len(PANELS) // COLUMNS)
    with mpl.rc_context({"svg.hashsalt": "antechamber", "svg.fonttype": "none", "font.size": 8}):
        canvas = Canvas(figsize=(10.5, 1.95 * rows), layout="constrained", facecolor="white")
        axes = canvas.subplots(rows, COLUMNS, squeeze=False)
        for at, (figure, metric) in enumerate(PANELS):
            _panel(axes[at // COLUMNS][at % COLUMNS], results, figure, metric)
        canvas.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=130)


def _panel(axes: Axes, results: Results, figure_key: str, metric_key: str) -> None:
    figure = next(figure for figure in FIGURES if figure.key == figure_key)
    metric = next(metric for metric in figure.metrics if metric.key == metric_key)
    bars = [
        (entrant, spread)
        for entrant in results.entrants
        if entrant.key != "direct" and (spread := level(results, figure_key, entrant.key, metric_key))
    ]
    places = range(len(bars))
    axes.barh(places, [spread.median for _, spread in bars], color=[_colour(one) for one, _ in bars], height=0.72)
    axes.hlines(places, [one.low for _, one in bars], [one.high for _, one in bars], color="#0f172a", linewidth=0.9)
    for place, (_, spread) in zip(places, bars, strict=True):
        axes.annotate(_short(spread.median), (max(spread.median, spread.high), place), (4, 0),
                      textcoords="offset points", va="center", fontsize=7)  # fmt: skip
    axes.set_yticks(places, [entrant.title for entrant, _ in bars])
    axes.invert_yaxis()
    axes.margins(x=0.18)
    axes.set_xlim(left=0)
    better = "more is better" if metric.higher_is_better else "less is better"
    axes.set_title(f"{figure.title}\n{metric.title}, {metric.unit}: {better}", fontsize=8, loc="left")
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="x", labelsize=6, length=2)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _colour(entrant: Entrant) -> str:
    if entrant.key == EDGE:
        return EDGE_COLOUR
    return REFERENCE_COLOUR if entrant.key in REFERENCES else PEER_COLOUR


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"

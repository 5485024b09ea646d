"""Ratios with their spread, and the targets they are held against.

A ratio is formed between two samples of the same turn, never between averages of different times: what the machine
did in that turn met both. Shown are the median of these ratios and the smallest and largest. A floor is judged by what
the median is known to: where the interval of confidence has the floor within it, the run cannot tell.
"""

import enum
import itertools
import math
import statistics
from dataclasses import dataclass

from bench.results import Results

EDGE = "edge"
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, smallest and largest of several values, and between which values their true median lies.

    ``sure_low`` and ``sure_high`` hold it with a confidence of 95 %, whatever the distribution (of fewer than six
    values with less: they are the extremes then).
    """

    median: float
    low: float
    high: float
    sure_low: float
    sure_high: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """The spread of a non-empty list."""
        ordered = sorted(values)
        cut = _outside(len(ordered))
        return cls(statistics.median(ordered), ordered[0], ordered[-1], ordered[cut], ordered[-1 - cut])


def _outside(count: int) -> int:
    """How many of ``count`` ordered values may be left out on either side of the interval that holds the median.

    Each value lies below the true median with a chance of one half, so how many do is binomial (the sign test's
    interval: Conover, Practical Nonparametric Statistics, 3.2).
    """
    at_most = itertools.accumulate(math.comb(count, below) for below in range(count))
    allowed = (1 - CONFIDENCE) / 2 * (1 << count)
    return max(0, sum(ways <= allowed for ways in at_most) - 1)


def level(results: Results, figure: str, contestant: str, metric: str) -> Spread | None:
    """The values of one contestant; None when it has none."""
    values = list(results.numbers(figure, contestant, metric).values())
    return Spread.of(values) if values else None


def ratio(results: Results, figure: str, metric: str, *, to: str, of: str = EDGE) -> Spread | None:
    """``of`` divided by ``to``, turn by turn; None without a turn in common."""
    above, below = results.numbers(figure, of, metric), results.numbers(figure, to, metric)
    pairs = [above[key] / below[key] for key in sorted(above.keys() & below.keys()) if below[key] > 0]
    return Spread.of(pairs) if pairs else None


class Verdict(enum.Enum):
    """How a target was met."""

    GOAL = "goal met"
    FLOOR = "floor met"
    LEVEL = "at the floor: on which side of it, the run cannot tell"
    MISSED = "missed"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """A floor and a goal for the edge, against ``peer`` or, without one, in the metric's own unit."""

    figure: str
    metric: str
    peer: str | None
    at_least: bool
    floor: float
    goal: float

    def measured(self, results: Results) -> Spread | None:
        """What is compared with floor and goal."""
        if self.peer is None:
            return level(results, self.figure, EDGE, self.metric)
        return ratio(results, self.figure, self.metric, to=self.peer)

    def verdict(self, results: Results) -> Verdict:
        """The floor by the whole interval of confidence, the goal by the median."""
        spread = self.measured(results)
        if spread is None:
            return Verdict.UNKNOWN
        sides = {self._met(spread.sure_low, self.floor), self._met(spread.sure_high, self.floor)}
        if sides == {True, False}:
            return Verdict.LEVEL
        if sides == {False}:
            return Verdict.MISSED
        return Verdict.GOAL if self._met(spread.median, self.goal) else Verdict.FLOOR

    def _met(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound


TARGETS: tuple[Target, ...] = (
    Target("small-get", "requests_per_s", "nginx", at_least=True, floor=0.5, goal=0.8),
    Target("small-get", "requests_per_s", "caddy", at_least=True, floor=2.5, goal=4.0),
    Target("events-50", "cpu_us", "nginx", at_least=False, floor=1.3, goal=1.0),
    Target("events-1000", "cpu_us", "nginx", at_least=False, floor=1.3, goal=1.0),
    Target("events-1000", "p50_us", "nginx", at_least=False, floor=1.0, goal=0.6),
    Target("events-1000", "p99_us", "nginx", at_least=False, floor=1.0, goal=0.6),
    Target("broadcast-1000", "p50_us", "nginx", at_least=False, floor=1.0, goal=0.6),
    Target("broadcast-1000", "p99_us", "nginx", at_least=False, floor=1.0, goal=0.6),
    Target("echo", "cpu_us", "nginx", at_least=False, floor=1.3, goal=1.0),
    Target("idle-sse", "kib", "nginx", at_least=False, floor=0.5, goal=0.2),
    Target("idle-ws", "kib", "nginx", at_least=False, floor=0.5, goal=0.2),
    Target("upload", "gib_per_s", "nginx", at_least=True, floor=0.7, goal=1.0),
    Target("upload", "slow_growth_mib", None, at_least=False, floor=8.0, goal=8.0),
    Target("download", "slow_growth_mib", None, at_least=False, floor=8.0, goal=8.0),
)

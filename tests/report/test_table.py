"""The table of routes fits a narrow terminal and a wide one, and is plain where there is no terminal."""

from __future__ import annotations

from io import StringIO
from typing import Literal

import pytest
from rich.console import Console

from antechamber.report.table import Mark, Pair, Row, shortened, show

WANTED = ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded")
GOOD = Row(
    route="/api/openchamber/realtime-proxy/sse",
    kind="sse",
    verdict="ok",
    mark=Mark.GOOD,
    first_byte=Pair(direct_s=0.0012, through_s=0.0134),
    lag=Pair(direct_s=0.0003, through_s=-0.0001),
    arrived=WANTED,
    missing=(),
)
BAD = Row(
    route="/api/[bold]terminal[/bold]/ws",
    kind="websocket",
    verdict="differs",
    mark=Mark.BAD,
    first_byte=Pair(direct_s=1.5, through_s=None),
    lag=Pair(direct_s=None, through_s=None),
    arrived=("Host",),
    missing=("X-Forwarded-For", "X-Forwarded-Proto"),
    why="what the app sends first never came, and this sentence is long enough to need a second line in 80 columns",
)
PARTLY = Row(
    route="/*",
    kind="page",
    verdict="cannot tell",
    mark=Mark.UNSURE,
    first_byte=Pair(direct_s=0.0999, through_s=0.1),
    lag=Pair(direct_s=None, through_s=None),
    arrived=WANTED[:4],
    missing=(),
)


def shown(columns: int, *, terminal: bool = False, no_color: bool = False) -> str:
    out = StringIO()
    colors: Literal["standard"] | None = "standard" if terminal else None
    console = Console(file=out, width=columns, force_terminal=terminal, no_color=no_color, color_system=colors)
    show([GOOD, BAD, PARTLY], console, title="An app through http://127.0.0.1:8080", wanted=WANTED)
    return out.getvalue()


@pytest.mark.parametrize("columns", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_word_of_a_figure_is_broken(columns: int) -> None:
    text = shown(columns)
    assert max(len(line) for line in text.splitlines()) <= columns
    for figure in ("1.2 / 13.4", "0.3 / 0.0", "1500 / none", "99.9 / 100", "differs", "cannot tell", "all 6", "4 of 6"):
        assert figure in text


def test_a_wide_terminal_shows_each_route_on_one_line() -> None:
    assert GOOD.route in shown(120)
    assert BAD.route in shown(120), "and brackets in a route are no markup"


def test_fields_that_are_missing_are_counted_in_the_row_and_named_below() -> None:
    assert "1 of 6" in shown(120)
    assert "; not as they must be: X-Forwarded-For/-Proto" in shown(200)


def test_what_differs_is_told_in_a_sentence_below() -> None:
    assert f"  {BAD.route}: {BAD.why};" in shown(200)


def test_colours_are_for_terminals_and_not_with_no_color() -> None:
    assert "\x1b[" not in shown(120)
    assert "\x1b[1;31m" in shown(120, terminal=True)
    assert "\x1b[1;31m" not in shown(120, terminal=True, no_color=True)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (WANTED, "Host, X-Forwarded-For/-Proto/-Host, X-Real-IP, Forwarded"),
        (("X-Forwarded-For", "Host", "X-Forwarded-Proto"), "X-Forwarded-For, Host, X-Forwarded-Proto"),
        ((), ""),
    ],
)
def test_names_with_a_common_start_are_shortened(names: tuple[str, ...], short: str) -> None:
    assert shortened(names) == short

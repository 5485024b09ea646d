"""The published page is what its samples say, and names everybody and everything that took part."""

import itertools
from pathlib import Path

import pytest
from bench.contestants import ALL, CONFIGS
from bench.figures import FIGURES
from bench.plot import write as draw
from bench.ratios import TARGETS
from bench.report import PAGE, SAMPLES, page, targets_table
from bench.results import Results

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def published() -> Results:
    return Results.from_json((DOCS / SAMPLES).read_text())


def test_the_page_is_generated_from_the_samples_beside_it(published: Results) -> None:
    assert (DOCS / PAGE).read_text() == page(published)


def test_the_samples_hold_every_figure_and_every_contestant_in_every_turn(published: Results) -> None:
    taken = {(sample.figure, sample.contestant, sample.turn) for sample in published.samples}
    proxies = [key for key in ALL if key != "direct"]
    for figure in FIGURES:
        turns = range(published.effort.rounds * figure.often)
        assert not set(itertools.product([figure.key], proxies, turns)) - taken


def test_the_page_names_every_contestant_with_its_version_and_every_figure(published: Results) -> None:
    text = page(published)
    for entrant in published.entrants:
        assert entrant.title in text
        assert entrant.key == "direct" or entrant.version in text
    for figure in FIGURES:
        assert f"### {figure.title}" in text
    assert text.count("not measured") == 0
    assert targets_table(published).count("\n") == len(TARGETS) + 1


def test_the_picture_is_drawn_the_same_from_the_same_samples(published: Results, tmp_path: Path) -> None:
    draw(published, tmp_path / "first.svg")
    draw(published, tmp_path / "second.svg")
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()
    assert (tmp_path / "first.svg").stat().st_size > 10_000


def test_no_config_compresses_and_every_one_logs_and_sets_the_forwarded_fields() -> None:
    for name in ("nginx.conf", "Caddyfile", "haproxy.cfg"):
        text = (CONFIGS / name).read_text()
        assert "X-Real-IP" in text, name
        assert "Forwarded" in text, name
        assert "log" in text, name
        assert "gzip on" not in text, name
        assert "encode" not in text, name

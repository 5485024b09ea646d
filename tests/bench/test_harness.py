"""The harness itself, on tiny sizes: every figure yields all its numbers, faults stop a run, nothing is left behind."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from bench.__main__ import main
from bench.contestants import Contestant, MissingError, Place, Running, free_port, nginx_binary, present, relay
from bench.figure import TINY, Figure, MeasureError
from bench.figures import FIGURES
from bench.figures.echo import Echo
from bench.figures.events import Events
from bench.figures.small_get import wrk_binary
from bench.process import Process, Processors, StartError
from bench.results import Results
from bench.runner import run, take

SMALL = [figure for figure in FIGURES if not figure.key.endswith("-1000")]
"""The crowd of 1,000 is left to the real run."""


def needed(figure: Figure) -> None:
    if figure.key == "small-get":
        try:
            wrk_binary()
            nginx_binary()
        except MissingError as error:
            pytest.skip(str(error))


@pytest.mark.parametrize("figure", SMALL, ids=lambda figure: figure.key)
def test_every_figure_yields_all_its_numbers_through_the_relay(figure: Figure) -> None:
    needed(figure)
    found = take(figure, relay(), TINY, Processors.available())
    assert set(found) == {metric.key for metric in figure.metrics}
    if figure.key.startswith("idle"):  # a handful of streams may fit into memory that was there before
        return
    assert all(value >= 0 for value in found.values())
    assert found[figure.metrics[0].key] > 0


@pytest.mark.engine
@pytest.mark.parametrize("key", ["edge", "nginx", "caddy", "haproxy"])
def test_every_proxy_starts_relays_events_and_ends(key: str) -> None:
    found, missing = present([key])
    if missing:
        pytest.skip(missing[0])
    events = next(figure for figure in FIGURES if figure.key == "events-50")
    numbers = take(events, found[0], TINY, Processors.available())
    assert numbers["cpu_us"] > 0
    assert 0 < numbers["p50_us"] <= numbers["p99_us"]


@pytest.mark.parametrize(
    ("rounds", "often", "order"), [(2, 1, "ab ba"), (1, 3, "ab ba ab"), (2, 2, "ab ba ab ba")], ids=str
)
def test_contestants_take_turns_every_other_one_backwards(rounds: int, often: int, order: str) -> None:
    started: list[str] = []
    real = relay()

    def noted(name: str) -> Contestant:
        def start(place: Place) -> Running:
            started.append(name)
            return real.start(place)

        return Contestant(name, name, "0", start)

    results = run([Events(streams=5, rate=50, often=often)], [noted("a"), noted("b")], replace(TINY, rounds=rounds), [])
    assert " ".join(map("".join, zip(started[::2], started[1::2], strict=True))) == order
    turns = [(turn, name) for turn, pair in enumerate(order.split()) for name in pair]
    assert [(sample.turn, sample.contestant) for sample in results.samples] == turns


def test_a_run_leaves_samples_a_page_and_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.__main__.QUICK", TINY)
    arguments = ["--quick", "--only", "echo", "--contestants", "relay", "--contestants", "direct"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    results = Results.from_json((tmp_path / "benchmarks.json").read_text())
    assert {sample.contestant for sample in results.samples} == {"relay", "direct"}
    assert "WebSocket round trips" in (tmp_path / "benchmarks.md").read_text()
    assert (tmp_path / "benchmarks.svg").read_text().startswith("<?xml")


def test_a_contestant_that_cannot_start_stops_the_run_with_what_it_said(tmp_path: Path) -> None:
    process = Process(
        ["/bin/sh", "-c", "echo no such upstream >&2; exit 3"],
        processors=Processors.available().measured,
        log=tmp_path / "out",
        env={},
    )
    with pytest.raises(StartError, match="no such upstream"):
        process.wait_for_text("serving http://")
    process.stop()


def test_a_contestant_that_does_not_reach_the_app_is_an_error_and_not_a_fast_one() -> None:
    real = relay()
    closed = free_port()
    lost = Contestant("lost", "lost", "0", lambda place: real.start(Place(place.directory, place.processors, closed)))
    with pytest.raises(MeasureError):
        take(Echo(), lost, TINY, Processors.available())


def test_nothing_runs_on_after_a_sample() -> None:
    started: list[Process] = []
    real = relay()

    def start(place: Place) -> Running:
        running = real.start(place)
        assert running.process
        started.append(running.process)
        return running

    take(Echo(), Contestant("relay", "relay", "0", start), TINY, Processors.available())
    assert started
    for process in started:
        assert all(not os.path.exists(f"/proc/{pid}/exe") for pid in process.tree())

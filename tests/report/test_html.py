"""The HTML report: one file, no request, nothing of what was seen is taken for markup, and the drawing is right."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from antechamber.policy.model import Kind
from antechamber.report.drawing import LATE_S, draw, summary
from antechamber.report.render import Form, render
from antechamber.report.run import Lane, Moment, Timeline
from tests.report import specimens

FAULTY = specimens.checked(specimens.faulty())


class Parsed(HTMLParser):
    """Tags with their attributes, and whether they are closed in order."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.mark.parametrize("run", [FAULTY, specimens.clean(), specimens.linted()])
def test_the_page_loads_nothing_and_runs_nothing(run: object) -> None:
    page = render(run, Form.HTML)  # type: ignore[arg-type]  # parametrize knows no types
    tags = Parsed(page).tags
    names = {name for name, _ in tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}
    for name, attributes in tags:
        assert not set(attributes) & {"src", "srcset", "background", "style", "ping"}
        assert not any(attribute.startswith("on") for attribute in attributes)
        assert name == "a" or "href" not in attributes
    assert "url(" not in page
    assert "@import" not in page
    assert (
        "meta",
        {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"},
    ) in (tags)
    assert "prefers-color-scheme: dark" in page


def test_what_a_server_said_is_text_in_the_page() -> None:
    finding = FAULTY.assessment.findings[0]
    odd = replace(finding, evidence=("<script>alert(1)</script>",), hop="<b>x", fix='"&<')
    page = render(replace(FAULTY, assessment=replace(FAULTY.assessment, findings=(odd,))), Form.HTML)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    Parsed(page)


def test_the_line_that_a_finding_is_about_is_shown_as_it_stands() -> None:
    page = render(specimens.linted(), Form.HTML)
    assert "<pre>3 |     client_max_body_size 1m; # &lt;b&gt;small&lt;/b&gt;\n  |     ^</pre>" in page
    assert "`site.conf:3:5`: `    client_max_body_size" not in render(specimens.linted(), Form.MARKDOWN)
    assert "`site.conf:3:5`: `client_max_body_size 1m; # <b>small</b>`" in render(specimens.linted(), Form.MARKDOWN)


def test_an_event_that_never_came_is_drawn_where_it_was_sent_on_the_other_way() -> None:
    moments = (Moment(number=1, sent_s=2.0, arrived_s=2.0),)
    lost = (Moment(number=1, sent_s=None, arrived_s=None),)
    lanes = (
        Lane(label="direct", head_s=0.0, moments=moments, end_s=4.0),
        Lane(label="through", head_s=None, moments=lost, end_s=4.0),
    )
    direct, through = draw(Timeline(path="/s", kind=Kind.SSE, lanes=lanes)).tracks
    assert through.strokes[0].arrived_x is None
    assert through.strokes[0].sent_x == direct.strokes[0].sent_x


def test_the_guilty_hop_stands_out_on_the_way_in() -> None:
    page = render(FAULTY, Form.HTML)
    assert re.search(r'<li class="guilty"><b>nginx</b>', page)
    assert '<li class=""><b>cloudflare</b>' in page


def test_the_ends_of_a_guilty_stretch_are_suspects() -> None:
    found = [replace(one, hop="between cloudflare and nginx") for one in FAULTY.assessment.findings]
    page = render(replace(FAULTY, assessment=replace(FAULTY.assessment, findings=tuple(found))), Form.HTML)
    assert '<li class="suspect"><b>cloudflare</b>' in page
    assert '<li class="suspect"><b>nginx</b>' in page


def test_each_event_of_each_lane_is_drawn() -> None:
    drawing = draw(specimens.timeline())
    direct, through = drawing.tracks
    assert (len(direct.strokes), len(through.strokes)) == (12, 12)
    assert not any(stroke.late for stroke in direct.strokes)
    assert all(stroke.late for stroke in through.strokes)
    assert [stroke.arrived_x for stroke in through.strokes].count(None) == 1
    page = render(FAULTY, Form.HTML)
    assert page.count('<g class="prompt">') == 12
    assert page.count('<g class="late">') == 11
    assert page.count('class="lost"') == 1


def test_lanes_share_one_clock_and_stay_inside_the_drawing() -> None:
    drawing = draw(specimens.timeline())
    for track in drawing.tracks:
        for stroke in track.strokes:
            for x in (stroke.sent_x, stroke.arrived_x, track.end_x):
                assert x is None or drawing.left <= x <= drawing.right
        assert track.bottom < drawing.axis < drawing.height
    first, second = drawing.tracks
    assert [stroke.sent_x for stroke in first.strokes] == [stroke.sent_x for stroke in second.strokes]


@pytest.mark.parametrize("span_s", [0.01, 0.9, 7.0, 61.0, 125.0, 3590.0])
def test_the_axis_has_a_few_round_times_whatever_it_spans(span_s: float) -> None:
    lane = Lane(label="direct", head_s=None, moments=(), end_s=span_s)
    ticks = draw(Timeline(path="/s", kind=Kind.SSE, lanes=(lane,))).ticks
    assert 2 <= len(ticks) <= 11
    assert ticks[0].label == "0 s"
    assert all(len(tick.label) <= 7 for tick in ticks)


def test_a_long_stream_is_drawn_with_as_many_strokes_as_can_be_told_apart() -> None:
    moments = tuple(Moment(number=n, sent_s=n * 0.01, arrived_s=n * 0.01) for n in range(5000))
    lane = Lane(label="direct", head_s=0.0, moments=moments, end_s=50.0)
    (track,) = draw(Timeline(path="/s", kind=Kind.SSE, lanes=(lane,))).tracks
    assert (len(track.strokes), track.omitted) == (300, 4700)


def test_an_event_counts_as_late_only_beyond_what_a_loaded_machine_costs() -> None:
    moments = (
        Moment(number=1, sent_s=1.0, arrived_s=1.0 + LATE_S / 2),
        Moment(number=2, sent_s=1.0, arrived_s=1.0 + LATE_S * 2),
        Moment(number=3, sent_s=None, arrived_s=5.0),
        Moment(number=4, sent_s=1.0, arrived_s=0.999),
    )
    (track,) = draw(
        Timeline(path="/s", kind=Kind.SSE, lanes=(Lane(label="x", head_s=0.1, moments=moments, end_s=5.0),))
    ).tracks
    assert [stroke.late for stroke in track.strokes] == [False, True, False, False]


def test_a_lane_is_told_in_words_too() -> None:
    """A drawing alone tells nothing to who cannot see it."""
    direct, through = specimens.timeline().lanes
    assert summary(direct) == "head after 4 ms; 12 events came, at most 2 ms late"
    assert summary(through) == "head after 6.0 s; 11 of 12 events came, at most 5.5 s late"
    assert summary(Lane(label="x", head_s=None, moments=(), end_s=1.0)) == "no head came; 0 events came"

"""A run in any of the formats; its secrets are taken out first, here and nowhere else."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from antechamber.report import as_github, as_html, as_json, as_junit, as_markdown, as_sarif, as_text
from antechamber.report.redacted import redacted
from antechamber.report.run import Run


class Form(StrEnum):
    """The formats, by the word of ``--format``."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


def render(run: Run, form: Form, *, width: int = 100, color: bool = False) -> str:
    """``run`` as ``form``. ``width`` and ``color`` are for text on a terminal."""
    shown = redacted(run)
    match form:
        case Form.TEXT:
            return as_text.render(shown, width=width, color=color)
        case Form.JSON:
            return as_json.render(shown)
        case Form.SARIF:
            return as_sarif.render(shown)
        case Form.GITHUB:
            return as_github.render(shown)
        case Form.JUNIT:
            return as_junit.render(shown)
        case Form.MARKDOWN:
            return as_markdown.render(shown)
        case Form.HTML:
            return as_html.render(shown)
    assert_never(form)

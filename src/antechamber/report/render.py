"""A run in any of the formats; its secrets are taken out first, here and nowhere else.

Only the format that is asked for is imported: templates alone take longer than most runs of lint.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from antechamber.report import as_text
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
            from antechamber.report import as_json

            return as_json.render(shown)
        case Form.SARIF:
            from antechamber.report import as_sarif

            return as_sarif.render(shown)
        case Form.GITHUB:
            from antechamber.report import as_github

            return as_github.render(shown)
        case Form.JUNIT:
            from antechamber.report import as_junit

            return as_junit.render(shown)
        case Form.MARKDOWN:
            from antechamber.report import as_markdown

            return as_markdown.render(shown)
        case Form.HTML:
            from antechamber.report import as_html

            return as_html.render(shown)
    assert_never(form)

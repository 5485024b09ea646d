"""Mistakes that people make with ``antechamber learn``, each with the line that tells it."""

from __future__ import annotations

from tests.cli.mistakes import Mistake

RECORDING = "Save it again: developer tools, Network, Export HAR (Chromium) or Save All As HAR (Firefox)."

LEARN = (
    Mistake(arguments="learn", line="missing argument 'HAR|-'. See antechamber learn --help."),
    Mistake(arguments="learn none.har", line="HAR: no such file: none.har"),
    Mistake(arguments="learn empty", line="HAR: empty is a directory. Name the file in it."),
    Mistake(
        arguments="learn cert.pem",
        line=f"cert.pem:1:1: not JSON, so no HAR file (expecting value). {RECORDING}",
    ),
    Mistake(
        arguments="learn none.har --origin app.test",
        line='--origin: "app.test" has no scheme. Write https:// or http:// in front of it.',
    ),
    Mistake(arguments="learn none.har -o app", line="--output: the name of a profile ends in .toml"),
)

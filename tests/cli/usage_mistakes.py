"""Command lines that cannot be read at all, each with the line that tells it."""

from __future__ import annotations

from antechamber.cli.app import COMMANDS
from tests.cli.mistakes import Mistake

COMMAND_NAMES = ", ".join(command.name for command in COMMANDS)

USAGE = (
    Mistake(arguments="sevre", line=f"no such command: sevre. Did you mean serve? Known: {COMMAND_NAMES}."),
    Mistake(arguments=":3000", line=f"no such command: :3000. Known: {COMMAND_NAMES}."),
    Mistake(arguments="--bogus", line="no such option: --bogus. See antechamber --help."),
    Mistake(
        arguments="serve --respnse-timeout 3",
        line="no such option: --respnse-timeout. Did you mean --response-timeout?",
    ),
    Mistake(arguments="serve -z", line="no such option: -z. See antechamber serve --help."),
    Mistake(arguments="serve --to", line="--to needs a value. See antechamber serve --help."),
    Mistake(arguments="lint", line="missing argument 'FILE|DIR|-'. See antechamber lint --help."),
    Mistake(arguments="lint --fix=yes nginx.conf", line="--fix takes no value. See antechamber lint --help."),
    Mistake(
        arguments="rules --format pdf",
        line='--format: "pdf" is not one of the known words. Write one of text, json.',
    ),
    Mistake(
        arguments="explain --symptom two",
        line="invalid value for '--symptom': 'two' is not a valid integer. See antechamber explain --help.",
    ),
    Mistake(arguments="serve :3000", line="got unexpected extra argument(s) (:3000). See antechamber serve --help."),
    Mistake(
        arguments="hop --to :3000 --hold-evnts 3s",
        line="no such option: --hold-evnts. Did you mean --hold-events?",
    ),
)

"""Mistakes that people make with ``antechamber check``, each with the line that tells it before anything is asked."""

from __future__ import annotations

from tests.cli.mistakes import Mistake

CHECK = (
    Mistake(arguments="check", line="missing argument 'URL'. See antechamber check --help."),
    Mistake(
        arguments="check app.test",
        line="URL: not an http or https URL: app.test. Write it like http://127.0.0.1:3000",
    ),
    Mistake(
        arguments="check http://app.test --direct nowhere",
        line="--direct: not an http or https URL: nowhere. Write it like http://127.0.0.1:3000",
    ),
    Mistake(
        arguments="check http://app.test --quick --patience 5m",
        line="--quick and --patience exclude each other. Give one of them.",
    ),
    Mistake(arguments="check http://app.test --patience 3h", line='--patience: "3h" is too long. The most is 2h.'),
    Mistake(
        arguments="check http://app.test --hop nginx",
        line="--hop: not NAME=URL: nginx. Write it like --hop nginx=http://10.0.0.5:8080",
    ),
    Mistake(
        arguments="check http://app.test --hop a=http://a.test --hop a=http://b.test",
        line="--hop: two stations are called a. Give each its own name.",
    ),
    Mistake(
        arguments="check http://app.test --probe-token x",
        line="--probe-token: not a probe token. It has 8 to 128 of A-Z a-z 0-9 - . _ ~",
    ),
    Mistake(
        arguments="check http://app.test --cookie x",
        line="--cookie: a cookie needs a name and a value. Write it like session=…",
    ),
    Mistake(arguments="check http://app.test --ca missing.pem", line="--ca: missing.pem is not a readable PEM file"),
    Mistake(
        arguments="check http://app.test --output empty",
        line="--output: empty cannot be written: there is no such folder, or it is one",
    ),
)

"""docs/engines.md, made from the capabilities of the engines."""

from __future__ import annotations

from collections.abc import Iterator

from antechamber.engines.base import Level
from antechamber.engines.registry import ENGINES
from antechamber.policy.effective import PolicyField

INTRODUCTION = """\
# Engines

<!-- Made by tools/generate_docs.py from src/antechamber/engines. Do not edit. -->

What each proxy can promise of a policy; what was seen of it is in the [support matrix](support-matrix.md). A rendering
repeats in its first lines what is not enforced, and names the [rule](rules/README.md) that each line is there for.
"""

_SHORT = {Level.ENFORCED: "yes", Level.APPROXIMATED: "nearly", Level.NOT_EXPRESSIBLE: "no"}


SUBPATH = """\
## Under a path of a larger site

Not offered, for any engine: `https://example.com/chamber/` would need an app that knows of it. OpenChamber asks for
`/api`, `/auth` and `/assets` from the root, so under a path its page loads and nothing in it does
(https://github.com/openchamber/openchamber/issues/2044); a proxy that rewrites what the app says would have to read and
change pages, scripts and streams. Give each app a name of its own: several site files make one configuration
(`antechamber config nginx --site one.toml --site two.toml`)."""


def render() -> str:
    return "\n".join([INTRODUCTION, *_matrix(), "", *_differences(), SUBPATH, ""])


def _matrix() -> Iterator[str]:
    yield "| field | " + " | ".join(engine.title for engine in ENGINES) + " |"
    yield "|---" * (len(ENGINES) + 1) + "|"
    for field in PolicyField:
        yield f"| {field.value} | " + " | ".join(_SHORT[one.capabilities[field].level] for one in ENGINES) + " |"


def _differences() -> Iterator[str]:
    yield "## What is different"
    for engine in ENGINES:
        yield f"\n**{engine.title}**\n"
        for field, capability in engine.capabilities.items():
            if capability.how:
                yield f"- {field.value} ({capability.level.value}): {capability.how}."
    yield ""

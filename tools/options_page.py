"""docs/options.md, made from the options table and the shape of a route."""

from __future__ import annotations

from collections.abc import Iterator

from antechamber.policy.load import EXAMPLE, SITE_FILE
from antechamber.policy.networks import CLOUDFLARE_AS_OF
from antechamber.policy.option import Option, Section
from antechamber.policy.options import OPTIONS
from antechamber.policy.schema import RouteShape
from antechamber.policy.words import Switch

INTRODUCTION = f"""\
# Options

<!-- Made by tools/generate_docs.py from src/antechamber/policy/options.py. Do not edit. -->

Everything that `antechamber serve` can be told. Nothing needs to be: `antechamber serve --to :3000` is enough.

An option can be given in four places. The first in this list that gives it wins:

1. a flag: `--response-timeout 90s`
2. an environment variable: `ANTECHAMBER_RESPONSE_TIMEOUT=90s` (an empty one counts as not set; lists have commas)
3. the file `{SITE_FILE}`: `response = "90s"` under `[timeouts]`
4. the app's [profile](profiles.md), for what belongs to the app

and then the built-in default. Lists replace each other; only those marked *added* are joined.

## {SITE_FILE}

The file is looked for in the current directory and every one above it, or named with `--config`. The useful minimum:

```toml
{EXAMPLE}```

Relative paths in it are relative to it. A key that is not known is an error with its line, never ignored.

Numbers without a unit are seconds or bytes. `50M` is 50 MiB, as nginx reads it; `50MB` is 50 million bytes.
"""

ROUTES = """\
## `[[route]]`

A profile knows the app's routes. A `[[route]]` table in the site file changes the profile's route of the same path, or
adds one; only what it says is changed. A route's own limit always wins over the general one, wherever that was given:
to change the limit of one route, write it here.

```toml
[[route]]
path = "/api/fs/upload"
body-limit = "1GiB"

[[route]]
path = "/reports/:id/export"
kind = "api"
response-timeout = "10m"
```

Exact paths win over named segments, and both over the longest prefix. A route takes a limit that it does not state from
the nearest prefix around it (`/api/*` around `/api/event`), and else from the general option.

| key | meaning |
|---|---|
"""


def render() -> str:
    return "\n".join([INTRODUCTION, *_sections(), ROUTES + "\n".join(_route_keys()), "", _closing()])


def _sections() -> Iterator[str]:
    for section in Section:
        yield f"## {section.value}\n"
        for option in OPTIONS:
            if option.section is section:
                yield _option(option)


def _option(option: Option[object]) -> str:
    places = [f"`{option.variable}`"]
    if option.key:
        places.insert(0, f"`{option.key}`")
    traits = [f"default: {f'`{option.default}`' if option.default else 'none'}"]
    traits += ["repeatable"] * option.repeatable + ["added"] * option.adds
    traits += ["a profile may set it"] * option.in_profile
    return (
        f"### {_usage(option)}\n\n"
        f"{option.help}\n\n"
        f"- {' · '.join(places)}\n"
        f"- {', '.join(traits)}\n"
        f"- value: {option.type.forms}\n"
        f"- why: {option.reason}\n"
    )


def _usage(option: Option[object]) -> str:
    if isinstance(option.type, Switch):
        return f"`{option.flag}`, `{option.opposite}`"
    return f"`{option.flag} {option.type.metavar}`"


def _route_keys() -> Iterator[str]:
    for name, field in RouteShape.model_fields.items():
        yield f"| `{field.alias or name}` | {field.description} |"


def _closing() -> str:
    return f"""\
## Other variables

- `ANTECHAMBER_DEBUG=1`: a fault of Antechamber itself shows its traceback.
- `NO_COLOR`: no colours, as everywhere (https://no-color.org).

The list behind `--trust cloudflare` is https://www.cloudflare.com/ips/ as of {CLOUDFLARE_AS_OF}; where it has changed
since, write the networks out.
"""

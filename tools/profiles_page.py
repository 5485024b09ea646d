"""docs/profiles.md, made from the built-in profiles."""

from __future__ import annotations

from collections.abc import Iterator

from antechamber.policy.model import Route
from antechamber.policy.option import Option
from antechamber.policy.options import OPTIONS
from antechamber.policy.profile import BUILT_IN, Profile, read_profile, value_at
from antechamber.policy.quantities import show_duration, show_size
from antechamber.policy.routes import settle_routes

INTRODUCTION = """\
# Profiles

<!-- Made by tools/generate_docs.py from src/antechamber/policy/profiles. Do not edit. -->

A profile is what an app needs in front of it, as data: its routes, and the options that belong to the app. Choose one
with `--profile NAME`, or name a TOML file of your own (`--profile ./myapp.toml`) with the same keys:

```toml
name = "myapp"
app = "My App"            # for people
port = 8080               # where it listens as a rule: lint knows it by that
secret-query-keys = ["access"]

[limits]
body = "200MiB"

[[route]]
name = "events"
path = "/stream"
kind = "sse"
heartbeat = "30s"

[[route]]
name = "pages"
path = "/*"
kind = "page"
```

Streams work without being listed: an accepted upgrade, an event stream or a response of unknown length is known by how
it behaves. A listed route says more: how long a healthy app is silent, what it sends first, which limits it needs.
Routes marked ● stand in the app's own reverse-proxy guide. `[[route]]` tables of the site file change a profile's
routes (see [options](options.md#route)).
"""


def render() -> str:
    return "\n".join([INTRODUCTION, *(_profile(read_profile(name)) for name in BUILT_IN)])


def _profile(profile: Profile) -> str:
    about = value_at(profile.document.tree, "about")
    rows = [_row(route) for route in settle_routes(profile, (), None)]
    head = ["| path | | kind | healthy silence | answer within | versions | |", "|---|---|---|---|---|---|---|"]
    return "\n".join([f"## {profile.name}\n", f"{about}\n", *_settings(profile), *head, *rows, ""])


def _settings(profile: Profile) -> Iterator[str]:
    settings = [(option, value_at(profile.document.tree, option.key)) for option in OPTIONS if option.in_profile]
    for option, value in settings:
        if value is not None:
            yield f"- {_setting(option, value)}"
    if any(value is not None for _, value in settings):
        yield ""


def _setting(option: Option[object], value: object) -> str:
    shown = ", ".join(f"`{item}`" for item in value) if isinstance(value, list) else f"`{value}`"
    return f"`{option.key}`: {shown}{' (added)' if option.adds else ''}"


def _row(route: Route) -> str:
    cells = (
        f"`{route.path}`",
        "●" if route.seed else "",
        route.kind.value,
        show_duration(route.heartbeat_s) if route.heartbeat_s else "",
        show_duration(route.response_timeout_s) if route.response_timeout_s else "",
        " ".join(filter(None, [route.since and f"since {route.since}", route.until and f"until {route.until}"])),
        " ".join(filter(None, [f"{route.name}.", route.note, _body(route)])),
    )
    return f"| {' | '.join(cells)} |"


def _body(route: Route) -> str:
    return f"Bodies up to {show_size(route.body_limit_bytes)}." if route.body_limit_bytes else ""

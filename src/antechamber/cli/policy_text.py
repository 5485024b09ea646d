"""The policy that holds, as text: every setting with where it was written, and what each route requires."""

from __future__ import annotations

from collections.abc import Iterator

from antechamber.policy.effective import body_limit_bytes, silence_s
from antechamber.policy.layers import Layer, Setting
from antechamber.policy.load import Loaded
from antechamber.policy.model import Policy, Route
from antechamber.policy.quantities import Duration, Size, show_duration, show_size

_LAYERS = {
    Layer.DEFAULT: "built-in default",
    Layer.PROFILE: "profile",
    Layer.FILE: "site file",
    Layer.ENVIRONMENT: "environment",
    Layer.FLAG: "flag",
}


def effective_policy(loaded: Loaded) -> str:
    """One line a setting, one a route."""
    settings = [(setting.option.name, _shown(setting), _origin(setting)) for setting in loaded.settings]
    routes = [
        (route.path, f"{route.kind}, silence {show_duration(silence_s(loaded.policy, route))}", _body(loaded, route))
        for route in loaded.policy.routes
    ]
    return "".join(f"{line}\n" for line in (*_columns(settings), "", *_columns(routes)))


def _columns(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, value, origin in rows:
        yield f"{name:{first}}  {value:{min(second, 48)}}  {origin}".rstrip()


def _shown(setting: Setting) -> str:
    match setting.option.type, setting.value:
        case Duration(), float(seconds):
            return show_duration(seconds)
        case Size(), int(count):
            return show_size(count)
        case _, frozenset() as words:
            return ", ".join(sorted(str(word) for word in words))
        case _, tuple() as items:
            return ", ".join(str(item) for item in items)
        case _, value:
            return str(value)


def _origin(setting: Setting) -> str:
    layer = _LAYERS[setting.layer]
    return f"# {layer}, {setting.place}" if setting.place else f"# {layer}"


def _body(loaded: Loaded, route: Route) -> str:
    policy: Policy = loaded.policy
    return f"body {show_size(body_limit_bytes(policy, route))}"

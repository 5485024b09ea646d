"""What an echo must not give away: credentials that the request carried, unless the prober knows them already.

A prober that wants to know whether a cookie arrived sends one of its own making and names its value as ``marker``:
what equals the marker is shown, everything else of that kind is replaced by its length.
"""

from __future__ import annotations

import re

from antechamber.surface.request import FIELD_NAME, QUERY_KEY

_SECRET_FIELDS = frozenset({"authorization", "proxy-authorization", "x-api-key", "x-auth-token"})
_SECRET_KEY = re.compile(r"(?i)token|password|passwd|secret|session|signature|code|key|auth")


def field_value(name: str, value: str, *, marker: str) -> str:
    """A request field's value as it may be shown."""
    match name.lower():
        case "cookie":
            return "; ".join(_cookie(pair, marker) for pair in value.split("; "))
        case lowered if lowered in _SECRET_FIELDS:
            scheme, space, credentials = value.partition(" ")
            return f"{scheme} {_secret(credentials, marker)}" if space else _secret(value, marker)
        case lowered if lowered == FIELD_NAME.lower():
            token, semicolon, asked = value.partition(";")
            return _secret(token, "") + semicolon + asked
        case _:
            return value


def target(raw: str, *, marker: str) -> str:
    """A request target with the values of telling query keys replaced."""
    path, mark, query = raw.partition("?")
    return path + mark + "&".join(_parameter(pair, marker) for pair in query.split("&"))


def _cookie(pair: str, marker: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={_secret(value, marker)}" if equals else _secret(pair, marker)


def _parameter(pair: str, marker: str) -> str:
    key, equals, value = pair.partition("=")
    if not equals or not (key == QUERY_KEY or _SECRET_KEY.search(key)):
        return pair
    return f"{key}={_secret(value, marker)}"


def _secret(value: str, marker: str) -> str:
    return value if marker and value == marker else f"(redacted, {len(value)} octets)"

"""The words of ASGI 3 that the surface speaks: it needs no framework, so that any ASGI app can be observed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

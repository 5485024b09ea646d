"""What an operator may choose about the chamber, and the app's own figures where nobody chooses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from antechamber.policy.model import Address

MIB = 1024 * 1024


class AsOf(StrEnum):
    """Which of the app's ages the routes are from.

    ``seed`` has the routes that its reverse-proxy guide lists, ``today`` those of its current release (no
    ``/api/terminal/:id/stream``, no ``/api/terminal/:id/input``), ``both`` every route of either.
    """

    BOTH = "both"
    SEED = "seed"
    TODAY = "today"

    @property
    def has_terminal_stream(self) -> bool:
        return self is not AsOf.TODAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeats:
    """Periods in seconds, as measured on the app."""

    server_event_s: float = 10.0
    """``server.heartbeat``, on the four routes of the bus."""
    socket_s: float = 15.0
    """Protocol ping on every WebSocket, and ``openchamber:heartbeat`` on the event sockets."""
    terminal_stream_s: float = 15.0
    """The comment ``: heartbeat`` on a terminal's event stream."""
    comment_s: float = 20.0
    """The comment ``:heartbeat`` on event streams."""
    app_event_s: float = 25.0
    """``openchamber:heartbeat`` on ``/api/openchamber/events``."""

    @classmethod
    def all_every(cls, period_s: float) -> Heartbeats:
        """Every heartbeat at the same period: for tests, and for people who do not want to wait."""
        return cls(
            server_event_s=period_s,
            socket_s=period_s,
            terminal_stream_s=period_s,
            comment_s=period_s,
            app_event_s=period_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds, as in the app unless ``docs/chamber-differences.md`` says otherwise."""

    upload_bytes: int = 100 * MIB
    prompt_bytes: int = 150 * MIB
    """Messages with attachments inlined: 100 MiB of file are 134 MiB of base64."""
    json_bytes: int = MIB
    write_bytes: int = 50 * MIB
    """JSON of ``/api/fs/write``."""
    socket_message_bytes: int = MIB
    replay_events: int = 2048
    feed_bytes: int = 16 * MIB
    """What may wait for a consumer that does not read; beyond it the socket is closed with 1013."""
    feed_warning_bytes: int = 12 * MIB
    terminals: int = 20
    terminal_history_bytes: int = 512 * 1024
    terminal_idle_s: float = 30 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One chamber. An empty ``password`` is no login, an empty ``probe_token`` no observing surface."""

    listen: Address = field(default_factory=lambda: Address(host="127.0.0.1", port=0))
    root: Path
    password: str = field(default="", repr=False)
    probe_token: str = field(default="", repr=False)
    as_of: AsOf = AsOf.BOTH
    heartbeats: Heartbeats = field(default_factory=Heartbeats)
    limits: Limits = field(default_factory=Limits)

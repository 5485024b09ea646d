"""One request over HTTP/2 and its answer, sans-IO, over the ``h2`` library (RFC 9113).

One request a connection: a prober wants the times of one exchange, not of its neighbours on the connection. Content
is acknowledged as it is read, and the windows are opened wide, so that flow control never looks like a slow proxy; the
other side's windows are obeyed.
"""

from __future__ import annotations

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings

from antechamber.protocol.answer import AnswerEvent, Asked, Content, Done, Fault, Head, Interim
from antechamber.protocol.http1 import Field

WINDOW_BYTES = 16 * 1024 * 1024
"""More than a probe reads of one answer."""

_CONNECTION_SPECIFIC = frozenset({b"connection", b"host", b"keep-alive", b"transfer-encoding", b"upgrade"})
"""Fields that HTTP/2 forbids (RFC 9113 8.2.2), or says in other words."""


class Http2Client:
    """A :class:`antechamber.protocol.answer.Client`."""

    version = "h2"

    def __init__(self) -> None:
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._h2.local_settings = Settings(
            client=True,
            initial_values={SettingCodes.INITIAL_WINDOW_SIZE: WINDOW_BYTES, SettingCodes.ENABLE_PUSH: 0},
        )
        self._stream = 0
        self._unsent = bytearray()
        self._unsent_is_last = False
        self._body_over = False
        self._over = False

    @property
    def blocked(self) -> bool:
        return bool(self._unsent) and not self._over

    def ask(self, asked: Asked) -> bytes:
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(WINDOW_BYTES)
        self._stream = self._h2.get_next_available_stream_id()
        self._body_over = asked.body_bytes is None
        self._h2.send_headers(self._stream, head_of(asked), end_stream=self._body_over)
        return self._h2.data_to_send()

    def say(self, body: bytes, *, last: bool) -> bytes:
        if not self._over and not self._body_over:
            self._unsent += body
            self._unsent_is_last = last
            self._send_what_fits()
        return self._h2.data_to_send()

    def leave(self) -> bytes:
        if not self._over:
            self._over = True
            self._h2.reset_stream(self._stream, ErrorCodes.CANCEL)
        return self._h2.data_to_send()

    def reply(self) -> bytes:
        return self._h2.data_to_send()

    def hear(self, data: bytes) -> list[AnswerEvent]:
        if self._over:
            return []
        if not data:
            return [self._fault("closed in the middle of the answer", cut=True)]
        if data.startswith(b"HTTP/1."):  # no frame can begin so: its length would be over 4 MiB
            return [self._fault("answered in HTTP/1.1 after HTTP/2 was chosen", cut=False)]
        try:
            heard = self._h2.receive_data(data)
            events = [event for one in heard if (event := self._event(one)) is not None]
            if not self._over:
                self._send_what_fits()
        except H2Error as error:
            return [self._fault(f"not valid HTTP/2: {error}", cut=False)]
        return events

    def _event(self, event: Event) -> AnswerEvent | None:
        match event:
            case ConnectionTerminated() if not self._over:
                return self._fault(f"the connection was ended with {_code(event.error_code)}", cut=True)
            case _ if self._over or getattr(event, "stream_id", None) != self._stream:
                return None
            case InformationalResponseReceived():
                return Interim(_status(event.headers))
            case ResponseReceived():
                return Head(_status(event.headers), _fields(event.headers))
            case DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, self._stream)
                return Content(event.data) if event.data else None
            case StreamEnded():
                self._over = True
                return Done()
            case StreamReset():
                return self._fault(f"the stream was reset with {_code(event.error_code)}", cut=True)
            case _:
                return None

    def _send_what_fits(self) -> None:
        """As much of the body as the other side's window has room for, in frames of the size that it takes."""
        while self._unsent:
            room = min(self._h2.local_flow_control_window(self._stream), self._h2.max_outbound_frame_size)
            if room <= 0:
                return
            frame = bytes(self._unsent[:room])
            del self._unsent[:room]
            self._h2.send_data(self._stream, frame)
        if self._unsent_is_last and not self._body_over:
            self._body_over = True
            self._h2.end_stream(self._stream)

    def _fault(self, detail: str, *, cut: bool) -> Fault:
        self._over = True
        return Fault(detail, cut=cut)


def head_of(asked: Asked) -> list[Field]:
    fields = [
        (b":method", asked.method.encode()),
        (b":scheme", asked.scheme.encode()),
        (b":authority", asked.authority.encode()),
        (b":path", asked.path.encode()),
    ]
    fields += [(name.lower(), value) for name, value in asked.fields if name.lower() not in _CONNECTION_SPECIFIC]
    if asked.body_bytes is not None:
        fields.append((b"content-length", b"%d" % asked.body_bytes))
    return fields


def _status(headers: list[Field]) -> int:
    return int(dict(headers)[b":status"])


def _fields(headers: list[Field]) -> tuple[Field, ...]:
    return tuple((bytes(name), bytes(value)) for name, value in headers if not name.startswith(b":"))


def _code(code: ErrorCodes | int | None) -> str:
    return code.name if isinstance(code, ErrorCodes) else f"error {code}"

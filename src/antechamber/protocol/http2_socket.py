"""A WebSocket over HTTP/2, sans-IO: one stream of extended CONNECT on a connection of its own (RFC 8441).

A client may not ask for one before the server has said in its SETTINGS that it takes it (section 3), so the head waits
for them: :meth:`Http2Socket.ask` sends the connection's preface, and what :meth:`reply` sends after the SETTINGS holds
the request. The content of the stream, both ways, is what follows the ``101`` over HTTP/1.1.
"""

from __future__ import annotations

from h2.events import Event, RemoteSettingsChanged

from antechamber.protocol.answer import AnswerEvent, Asked
from antechamber.protocol.http1 import Field
from antechamber.protocol.http2 import WINDOW_BYTES, Http2Client, head_of

NOT_OFFERED = "the server's SETTINGS do not offer extended CONNECT"


class Http2Socket(Http2Client):
    """A :class:`antechamber.protocol.answer.Client` whose request opens a WebSocket."""

    def __init__(self) -> None:
        super().__init__()
        self.offered: bool | None = None
        """Whether the server takes extended CONNECT; ``None`` before its SETTINGS are here."""
        self._asked: Asked | None = None

    def greet(self) -> bytes:
        """What opens the connection, before anything is asked."""
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(WINDOW_BYTES)
        return self._h2.data_to_send()

    def ask(self, asked: Asked) -> bytes:
        self._asked = asked
        return self.greet()

    def _event(self, event: Event) -> AnswerEvent | None:
        if isinstance(event, RemoteSettingsChanged) and self.offered is None:
            self.offered = bool(self._h2.remote_settings.enable_connect_protocol)
            return self._open()
        return super()._event(event)

    def _open(self) -> AnswerEvent | None:
        """Ask for the socket, now that it is known whether that is offered."""
        if self._asked is None:
            return None
        if not self.offered:
            return self._fault(NOT_OFFERED, cut=False)
        self._stream = self._h2.get_next_available_stream_id()
        self._h2.send_headers(self._stream, _head(self._asked))
        return None


def _head(asked: Asked) -> list[Field]:
    method, *others = head_of(asked)
    return [(method[0], b"CONNECT"), (b":protocol", b"websocket"), *others]

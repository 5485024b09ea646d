"""What a hop does to a WebSocket that is open: frames are held, messages are too large, age ends it."""

from __future__ import annotations

from collections.abc import Callable

from antechamber.hop.faults import Faults
from antechamber.hop.holding import HELD_MOST_BYTES
from antechamber.hop.stage import Later
from antechamber.protocol.websocket_frame import CloseCode, Malformed, Opcode, encode_close, parse_head


class Frames:
    """Both directions of one tunnel."""

    def __init__(
        self,
        faults: Faults,
        *,
        to_client: Callable[[bytes], None],
        to_app: Callable[[bytes], None],
        cut: Callable[[], None],
        later: Later,
    ) -> None:
        self._faults = faults
        self._to_client = to_client
        self._to_app = to_app
        self._cut = cut
        self._later = later
        self._held = bytearray()
        self._over = False
        self._sizes = (MessageSizes(faults.max_message), MessageSizes(faults.max_message))
        if faults.cut_after:
            later.call(faults.cut_after, self._end)

    def from_client(self, data: bytes) -> None:
        if not self._over and self._small_enough(self._sizes[0], data):
            self._to_app(data)

    def from_app(self, data: bytes) -> None:
        if self._over or not self._small_enough(self._sizes[1], data):
            return
        if not self._faults.hold_frames:
            self._to_client(data)
            return
        if not self._held:
            self._later.call(self._faults.hold_frames, self.let_go)
        self._held += data
        if len(self._held) > HELD_MOST_BYTES:
            self.let_go()

    def close(self) -> None:
        """The edge has no more to say: deliver what is held, then end."""
        self.let_go()
        self._end()

    def _small_enough(self, sizes: MessageSizes, data: bytes) -> bool:
        if not self._faults.max_message or sizes.accept(data):
            return True
        self.let_go()
        self._to_client(encode_close(CloseCode.TOO_BIG, "message too big"))
        self._end()
        return False

    def let_go(self) -> None:
        """Deliver what is held."""
        if self._held and not self._over:
            data = bytes(self._held)
            self._held.clear()
            self._to_client(data)

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._cut()


class MessageSizes:
    """Follows the frames of one direction: heads are read, payloads only counted."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._buffer = bytearray()
        self._payload_left = 0
        self._message = 0

    def accept(self, data: bytes) -> bool:
        """Whether no message, as far as it is announced, is larger than allowed."""
        self._buffer += data
        while self._buffer:
            if self._payload_left:
                taken = min(self._payload_left, len(self._buffer))
                del self._buffer[:taken]
                self._payload_left -= taken
                continue
            try:
                head = parse_head(self._buffer)
            except Malformed:  # not ours to judge: the app or the client will
                self._buffer.clear()
                return True
            if head is None:
                return True
            del self._buffer[: head.size]
            self._payload_left = head.length
            if not head.opcode.control:
                self._message = head.length + (self._message if head.opcode is Opcode.CONTINUATION else 0)
                if self._message > self._most:
                    return False
        return True

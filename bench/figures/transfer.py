"""One large body, each way: how fast it passes, what it costs, and how much of it stays in memory.

The client uses plain blocking sockets and lets the kernel drop what it receives (``MSG_TRUNC``, tcp(7)), so the
proxy's two copies are the work that is left. The slow passes read at a fixed pace: whoever collects a body shows it
there.
"""

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

from bench.contestants import Running
from bench.figure import MIB, Effort, MeasureError, Metric, Upstream

PIECE = 1 * MIB
GIB = 1024 * MIB
DEADLINE_S = 120.0
METRICS = (
    Metric("gib_per_s", "throughput", "GiB/s", higher_is_better=True, needs_process=False),
    Metric("cpu_s_per_gib", "CPU per GiB", "s"),
    Metric("growth_mib", "peak growth", "MiB"),
    Metric("slow_growth_mib", "peak growth, slow reader", "MiB"),
)


class Download:
    """The app sends, the client reads."""

    key = "download"
    title = "1 GiB download"
    how = "One body of 1 GiB with a length from the app, read at full speed; then again, read at 256 MiB a second."
    upstream = Upstream.APP
    often = 1
    metrics = METRICS

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """One pass at full speed, one with a slow reader."""
        del directory
        return _both_passes(running, effort, lambda pace: _download(running.port, effort.transfer_bytes, pace))


class Upload:
    """The client sends, the app reads and answers how much has come."""

    key = "upload"
    title = "1 GiB upload"
    how = "One body of 1 GiB with a length from the client, read at full speed; then again, read at 256 MiB a second."
    upstream = Upstream.APP
    often = 1
    metrics = METRICS

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """One pass at full speed, one with a slow app."""
        del directory
        return _both_passes(running, effort, lambda pace: _upload(running.port, effort.transfer_bytes, pace))


def _both_passes(running: Running, effort: Effort, transfer: Callable[[int], None]) -> dict[str, float]:
    process = running.process
    began = time.monotonic()
    if process is None:
        transfer(0)
        return {"gib_per_s": effort.transfer_bytes / GIB / (time.monotonic() - began)}
    process.forget_peak()
    resident, cpu = process.peak_bytes(), process.cpu_s()
    began = time.monotonic()
    transfer(0)
    seconds = time.monotonic() - began
    found = {
        "gib_per_s": effort.transfer_bytes / GIB / seconds,
        "cpu_s_per_gib": (process.cpu_s() - cpu) / (effort.transfer_bytes / GIB),
        "growth_mib": (process.peak_bytes() - resident) / MIB,
    }
    transfer(effort.slow_bytes_per_s)
    # Against the size before the first pass: what that one left behind must not be taken for a start.
    found["slow_growth_mib"] = (process.peak_bytes() - resident) / MIB
    return found


def _download(port: int, size: int, pace: int) -> None:
    with _connection(port) as connection:
        connection.sendall(f"GET /download?bytes={size} HTTP/1.1\r\nHost: app.test\r\n\r\n".encode())
        head, rest = _head(connection)
        if b" 200 " not in head:
            raise MeasureError(f"the download was answered {head[:200]!r}")
        left, began, scratch = size - len(rest), time.monotonic(), bytearray(PIECE)
        while left:
            got = connection.recv_into(scratch, min(PIECE, left), socket.MSG_TRUNC)
            if not got:
                raise MeasureError(f"the download ended {left} bytes early")
            left -= got
            if pace and (early := (size - left) / pace - (time.monotonic() - began)) > 0:
                time.sleep(early)


def _upload(port: int, size: int, pace: int) -> None:
    with _connection(port) as connection:
        target = f"/upload?rate={pace}" if pace else "/upload"
        connection.sendall(f"POST {target} HTTP/1.1\r\nHost: app.test\r\nContent-Length: {size}\r\n\r\n".encode())
        piece = memoryview(bytes(PIECE))
        for _ in range(size // PIECE):
            connection.sendall(piece)
        head, rest = _head(connection)
        if b" 200 " not in head:
            raise MeasureError(f"the upload was answered {head[:200]!r}")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        while length and len(rest) < int(length[1]):
            rest += connection.recv(PIECE)
        if not rest.startswith(b"%d" % size):
            raise MeasureError(f"the app received {rest[:40]!r} of {size} bytes")


def _connection(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _head(connection: socket.socket) -> tuple[bytes, bytes]:
    have = b""
    while b"\r\n\r\n" not in have:
        data = connection.recv(PIECE)
        if not data:
            raise MeasureError(f"closed before the head was there: {have[:200]!r}")
        have += data
    head, _, rest = have.partition(b"\r\n\r\n")
    return head, rest

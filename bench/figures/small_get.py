"""Small GETs over kept connections: what one request costs when nothing but the proxy's own work is in the way.

The load comes from wrk and the answer from an nginx that replies out of memory, the two lightest programs at hand:
with Python on either end the fast contestants would wait for the load.
"""

import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from bench.contestants import MissingError, Running
from bench.figure import Effort, MeasureError, Metric, Upstream

CONNECTIONS = 32
BODY_BYTES = 1024
MICROSECONDS = 1e6
UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}


class SmallGet:
    """32 connections, each asking again as soon as it was answered."""

    key = "small-get"
    title = "Small GET"
    how = f"1 KiB answers over {CONNECTIONS} kept connections, asked for without a pause (wrk, one thread)."
    metrics = (
        Metric("requests_per_s", "requests per second", "/s", higher_is_better=True, needs_process=False),
        Metric("cpu_us", "CPU per request", "µs"),
        Metric("p50_us", "latency p50", "µs", needs_process=False),
        Metric("p99_us", "latency p99", "µs", needs_process=False),
        Metric("busy", "share of its processor in use", "%"),
    )
    upstream = Upstream.ORIGIN
    often = 1

    def measure(self, running: Running, effort: Effort, directory: Path) -> dict[str, float]:
        """Warm up with the same load, then count requests and processor time over the window."""
        del directory
        _check_answer(running.port)
        _wrk(running.port, effort.warm_up_s)
        before = running.process.cpu_s() if running.process else 0.0
        report = _wrk(running.port, effort.window_s)
        found = {
            "requests_per_s": float(_search(r"Requests/sec:\s+([\d.]+)", report)),
            "p50_us": _latency(report, 50),
            "p99_us": _latency(report, 99),
        }
        if running.process:
            spent = running.process.cpu_s() - before
            found["cpu_us"] = spent * MICROSECONDS / int(_search(r"(\d+) requests in", report))
            found["busy"] = 100 * found["cpu_us"] * found["requests_per_s"] / MICROSECONDS
        return found


def wrk_binary() -> str:
    """The path of wrk; without it this figure cannot be measured."""
    program = shutil.which("wrk")
    if program is None:
        raise MissingError("no wrk, the load generator of the small GET: `apt install wrk`")
    return program


def _check_answer(port: int) -> None:
    """wrk counts any 2xx: make sure that it will be the app's own answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/small", timeout=10) as answer:
        if len(answer.read()) != BODY_BYTES:
            raise MeasureError("the small GET was not answered by the app")


def _wrk(port: int, seconds: float) -> str:
    # wrk takes whole seconds only; the tests' tiny windows become one second.
    argv = [wrk_binary(), "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency"]
    done = subprocess.run(
        [*argv, f"http://127.0.0.1:{port}/small"], capture_output=True, text=True, check=False, timeout=seconds + 30
    )
    if done.returncode or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise MeasureError(f"wrk met errors:\n{done.stdout}{done.stderr}")
    return done.stdout


def _search(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise MeasureError(f"wrk said nothing about {pattern!r}:\n{text}")
    return found[1]


def _latency(report: str, percent: int) -> float:
    value, unit = _search(rf"\n\s+{percent}%\s+([\d.]+\w+)", report), ""
    found = re.fullmatch(r"([\d.]+)(us|ms|s)", value)
    if found is None:
        raise MeasureError(f"wrk's latency {value!r}{unit} is in no known unit")
    return float(found[1]) * UNITS[found[2]]

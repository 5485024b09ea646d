"""The pytest fixture and the Python interface, used as somebody with an app of their own would."""

from __future__ import annotations

import asyncio
import urllib.request

import pytest

from antechamber.errors import ConfigError
from antechamber.hop.faults import Faults
from antechamber.hop.server import hop
from tests.edge.app import App, ok

APP = """
import http.server, threading, urllib.error, urllib.request, pytest

class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"host: " + self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

@pytest.fixture
def app():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
"""


def test_a_test_of_somebody_elses_starts_a_bad_hop_with_the_fixture(pytester: pytest.Pytester) -> None:
    """The plug-in is found by its entry point: nothing is imported or registered here."""
    pytester.makepyfile(
        APP
        + """
def test_the_host_is_kept(app, antechamber_hop):
    url = antechamber_hop(app)
    assert urllib.request.urlopen(url).read() == b"host: " + url.removeprefix("http://").encode()

def test_the_host_is_lost(app, antechamber_hop):
    assert urllib.request.urlopen(antechamber_hop(app, {"host": "inner"})).read() == (
        b"host: " + app.removeprefix("http://").encode()
    )

def test_two_hops_stand_behind_one_another(app, antechamber_hop):
    inner = antechamber_hop(app, {"login-page": True})
    assert b"Sign in" in urllib.request.urlopen(antechamber_hop(inner, preset="npm-default")).read()

def test_a_mistake_is_told(app, antechamber_hop):
    with pytest.raises(Exception, match="Did you mean hold-events"):
        antechamber_hop(app, {"hold-event": "3s"})
"""
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=4)


async def test_from_python_a_hop_runs_from_entry_to_exit() -> None:
    async with App() as app, hop(to=app.url, faults=Faults(host="inner")) as url:
        asking = asyncio.create_task(asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=20).read()))
        wire, seen = await app.asked()
        assert seen.all("host") == [f"127.0.0.1:{app.port}"]
        wire.writer.write(ok(b"fine"))
        assert await asking == b"fine"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))


async def test_a_preset_that_is_none_is_told() -> None:
    with pytest.raises(ConfigError, match='"nginx" is not a preset'):
        async with hop(to="http://127.0.0.1:9", preset="nginx"):
            pass

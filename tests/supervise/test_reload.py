"""What makes a running engine read its policy again, and what does not; a mistake costs a line and nothing else."""

from __future__ import annotations

import asyncio
import re
import signal
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from antechamber.engines.base import File
from antechamber.engines.edge.engine import Edge
from antechamber.errors import ConfigError
from antechamber.net.vacancy import with_ports
from antechamber.policy.model import Address
from antechamber.supervise.binary import Binary
from antechamber.supervise.child import Child
from antechamber.supervise.handover import Handover
from antechamber.supervise.place import OURS, Place
from antechamber.supervise.wanted import Told
from tests.supervise.crowd import post
from tests.supervise.engine import PATIENCE_S, Run, Site, started, until

pytestmark = pytest.mark.engine

ENGINES = pytest.mark.parametrize(
    "engine",
    ["nginx", pytest.param("caddy", marks=pytest.mark.matrix), pytest.param("haproxy", marks=pytest.mark.matrix)],
)


def free_port() -> int:
    (place,) = with_ports((Address(host="127.0.0.1"),))
    return place.used.port


def says(run: Run, pattern: str) -> str:
    return run.program.wait_for(f"antechamber: .*{pattern}.*\n").group()


async def test_a_mistake_in_the_site_file_is_one_line_and_what_ran_goes_on(site: Site) -> None:
    """A wrong key, a file that the engine refuses, a file that is gone; then it is mended."""
    with started(site, "nginx") as run:
        port = run.serving()
        site.write("[limits]\nboddy = 1\n")
        assert says(run, "not reloaded") == (
            'antechamber: nginx not reloaded, and goes on as before: antechamber.toml:6: unknown key "boddy". '
            "Did you mean body?\n"
        )
        site.file.write_text('to = "http://no-such-host.invalid:1"\nlisten = "127.0.0.1:0"\n')
        assert "nginx refuses its configuration; its words are above" in says(run, "refuses")
        assert re.search(r"^  .*host not found in upstream .no-such-host.invalid:1", run.program.output, re.MULTILINE)
        site.file.unlink()
        assert "nothing says where the app is" in says(run, "nothing says")
        assert await post(port, 2000) == 200
        site.write("[limits]\nbody = 1000\n")
        says(run, "nginx reloaded")
        async with asyncio.timeout(PATIENCE_S):
            while await post(port, 2000) != 413:  # the old workers may take one or two more
                await asyncio.sleep(0.01)


async def test_a_hangup_reloads_and_a_change_that_tells_the_engine_nothing_does_not(site: Site) -> None:
    with started(site, "nginx") as run:
        run.serving()
        site.write("# a comment\n")
        says(run, "not reloaded: the change is none for it")
        assert "nginx reloaded" not in run.program.output
        run.program.send(signal.SIGHUP)
        says(run, "nginx reloaded")


@ENGINES
async def test_the_listen_address_changes_with_a_reload(engine: str, site: Site) -> None:
    with started(site, engine) as run:
        before, now = run.serving(), free_port()
        site.write(listen=f"127.0.0.1:{now}")
        says(run, " reloaded: (open|requests)")
        assert run.serving(after="reloaded: ") == now
        assert await post(now, 1) == 200
        assert before != now


async def test_a_reload_that_the_engine_does_not_take_leaves_what_was(site: Site) -> None:
    """Its validator has nothing against it; the way in is gone."""
    with started(site, "caddy", "--directory", "kept") as run:
        port = run.serving()
        configuration = site.directory / "kept" / "Caddyfile"
        before = configuration.read_text()
        (site.directory / "kept" / "admin.sock").unlink()
        site.write("[limits]\nbody = 1000\n")
        line = says(run, "Caddy does not take it; its words are above")
        assert line.startswith("antechamber: Caddy not reloaded, and goes on as before: ")
        assert configuration.read_text() == before
        assert await post(port, 2000) == 200


async def test_an_engine_that_cannot_reload_says_so(tmp_path: Path) -> None:
    engine = Edge()
    assert engine.program.reload is None
    told = Told(sites=(), places=(), files=(File("x", OURS),), certificates=(), watched=(), seen=())
    child = await Child.start(["/bin/sleep", "60"], tmp_path, output=2, tether=signal.SIGTERM)
    try:
        handover = Handover(engine, Binary("antechamber", (1, 0)), Place(tmp_path), child)
        with pytest.raises(ConfigError, match=r"takes no new configuration while it runs\. Stop it and start it again"):
            await handover.give(replace(told, files=(File("x", f"{OURS}new"),)), before=told)
    finally:
        child.end_group()
        assert await child.wait() == 137
    assert (tmp_path / "x").read_text() == OURS


async def test_an_address_that_cannot_be_taken_is_told_before_the_engine_is(site: Site) -> None:
    with started(site, "nginx") as run:
        port = run.serving()
        taken = site.app.rpartition(":")[2]
        site.write(listen=f"127.0.0.1:{taken}")
        assert "the app's address" in says(run, "not reloaded")
        site.write(listen=f":{port}")
        assert f"nginx listens on 127.0.0.1:{port}, and cannot go over to :{port} while it runs" in says(run, "go over")
        assert await post(port, 1) == 200


def _issue(authority: trustme.CA, certificate: Path) -> None:
    """As certbot does: new files take the place of the old ones."""
    issued = authority.issue_cert("127.0.0.1")
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    key = certificate.with_name(f"{certificate.name}.key")
    for file, content in ((key, issued.private_key_pem.bytes()), (certificate, chain)):
        new = file.with_name(f"{file.name}.new")
        new.write_bytes(content)
        new.replace(file)


@ENGINES
def test_a_renewed_certificate_is_taken_without_being_asked(engine: str, site: Site) -> None:
    """The configuration is the same to the letter; only the file that it names is new."""
    certificate = site.directory / "site.pem"
    authority = trustme.CA()
    _issue(authority, certificate)
    site.write(f'[tls]\ncertificate = "{certificate}"\nkey = "{certificate}.key"\n')
    with started(site, engine) as run:
        port = run.serving()
        before = ssl.get_server_certificate(("127.0.0.1", port))
        _issue(authority, certificate)
        says(run, " reloaded: (open|requests)")
        until(lambda: ssl.get_server_certificate(("127.0.0.1", port)) != before, "the new certificate is shown")
        assert ssl.get_server_certificate(("127.0.0.1", port)) in certificate.read_text()


async def test_one_engine_serves_several_sites_and_a_change_in_either_reloads_it(site: Site) -> None:
    port = free_port()
    _write_site(site, "one", port)
    _write_site(site, "other", port)
    with started(site, "nginx", "--site", "one.toml", "--site", "other.toml") as run:
        run.serving()
        assert await post(port, 2000, host="one.example") == 200
        assert await post(port, 2000, host="other.example") == 200
        _write_site(site, "other", port, "[limits]\nbody = 1000\n")
        says(run, " reloaded: open")
        async with asyncio.timeout(PATIENCE_S):
            while await post(port, 2000, host="other.example") != 413:
                await asyncio.sleep(0.01)
        assert await post(port, 2000, host="one.example") == 200


def _write_site(site: Site, name: str, port: int, more: str = "") -> None:
    text = f'to = "{site.app}"\nlisten = "127.0.0.1:{port}"\npublic-origin = "http://{name}.example:{port}"\n'
    (site.directory / f"{name}.toml").write_text(f'{text}[timeouts]\ndrain = "1s"\n{more}')

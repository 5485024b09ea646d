"""The edge as a process: open the listeners, serve until told to stop, drain, report."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from dataclasses import dataclass

from antechamber.edge.access_log import AccessLogWitness, LineWriter, Silent, open_sink
from antechamber.edge.admission import RESERVED_DESCRIPTORS
from antechamber.edge.attempts import Attempts
from antechamber.edge.downstream import Downstream, State
from antechamber.edge.entrance import Entrance, knock, plain
from antechamber.edge.http2_connection import Http2Connection
from antechamber.edge.notices import Notices
from antechamber.edge.setting import Setting
from antechamber.errors import ConfigError
from antechamber.ledger import Ledger
from antechamber.net.accept import TlsListener
from antechamber.net.listen import BACKLOG, Listener, local_address, open_listeners
from antechamber.net.loop import raise_descriptor_limit, run
from antechamber.net.tls import ServerTls, server_context
from antechamber.policy.model import AccessLog, Address, Policy
from antechamber.surface.check_page import BELOW, CheckPage

REPORT_LINES = 10
LAST_WORDS_S = 1.0
"""How long the clients of what was cut have at least to take what they were told."""
SENT_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain came to."""

    finished: int
    cut: int


class Edge:
    """A running reverse proxy for one policy."""

    def __init__(self, policy: Policy, notices: Notices | None = None) -> None:
        self.policy = policy
        self.notices = notices or Notices()
        self._servers: list[asyncio.Server | TlsListener] = []
        self._check: asyncio.Server | None = None
        self._writer: LineWriter | None = None
        self._log: AccessLogWitness | Silent = Silent()
        self.setting: Setting | None = None
        self.addresses: list[Address] = []

    async def start(self) -> None:
        """Bind, load certificates, begin to accept. Raises :class:`ConfigError`; then nothing is left open."""
        tls = server_context(self.policy.tls, http2=self.policy.http2) if self.policy.tls else None
        descriptors = raise_descriptor_limit()
        listeners = open_listeners(self.policy.listen)
        try:
            self._log = self._open_log(self.policy.access_log)
        except ConfigError:
            for listener in listeners:
                listener.close()
            raise
        ledger = Ledger(self._log)
        check = await self._open_check(ledger) if self.policy.browser_check else None
        setting = self.setting = Setting(self.policy, ledger, self.notices, descriptors=descriptors, check=check)
        for listener in listeners:
            self._servers.append(await self._entrance(setting, listener, tls))
        self.addresses = [local_address(listener) for listener in listeners]

    @property
    def urls(self) -> list[str]:
        """Where the edge can be reached, for people."""
        scheme = "https" if self.policy.tls else "http"
        return [f"{scheme}://{address}" for address in self.addresses]

    def greeting(self) -> list[str]:
        """What the operator is told when it is ready."""
        policy = self.policy
        lines = [f"serving {url} -> {_upstream_url(policy.upstream)} (profile {policy.profile})" for url in self.urls]
        return lines + [f"browser check at {url}{BELOW}" for url in self.urls if policy.browser_check]

    async def drain(self, stop_waiting: asyncio.Event) -> Drained:
        """Stop accepting, let requests finish and streams run for the grace period, then end what still holds."""
        setting = self._running()
        setting.draining = True
        for server in self._servers:
            server.close()
        waiting = len(setting.ledger.open)
        for connection in list(setting.connections):
            if connection.exchange is None and connection.state is State.HEADS:
                connection.close()
        for front in list(setting.fronts):
            front.drain()
        grace_s = self.policy.timeouts.drain_s
        until = setting.loop.time() + grace_s
        if setting.ledger.open:
            self.notices.say(f"draining for up to {grace_s:g} s: {_holding(setting.ledger)}")
        await self._until_idle(setting, grace_s, stop_waiting)
        cut = len(setting.ledger.open)
        if cut:
            self.notices.say(f"ending what still holds: {_holding(setting.ledger)}")
        for connection in list(setting.connections):
            if connection.exchange is not None:
                connection.exchange.end_for_drain()
        await self._until_sent(setting, max(until, setting.loop.time() + LAST_WORDS_S), stop_waiting)
        return Drained(waiting - cut, cut)

    @staticmethod
    async def _until_idle(setting: Setting, grace_s: float, stop_waiting: asyncio.Event) -> None:
        idle = asyncio.create_task(setting.ledger.idle())
        stopped = asyncio.create_task(stop_waiting.wait())
        await asyncio.wait({idle, stopped}, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED)
        for task in (idle, stopped):
            task.cancel()

    @staticmethod
    async def _until_sent(setting: Setting, until: float, stop_waiting: asyncio.Event) -> None:
        """An exchange is over when its last octet is written; a client that reads slowly takes it later."""
        while any(each.get_write_buffer_size() for each in setting.transports()):
            if stop_waiting.is_set() or setting.loop.time() >= until:
                return
            await asyncio.sleep(SENT_LOOK_S)

    async def close(self) -> None:
        """End everything at once and write the log's last lines."""
        setting = self._running()
        for server in self._servers:
            server.close()
            if isinstance(server, TlsListener):
                server.abort()
        if self._check:
            self._check.close()
        for transport in setting.transports():
            transport.abort()
        await asyncio.sleep(0)
        setting.deadlines.close()
        self._log.flush()
        if self._writer:
            self._writer.close()

    async def _entrance(
        self, setting: Setting, listener: Listener, tls: ServerTls | None
    ) -> asyncio.Server | TlsListener:
        """Begin to accept on one listening socket."""
        if tls is None:
            return await setting.loop.create_server(
                lambda: self.meet(Downstream(setting)), sock=listener, backlog=BACKLOG
            )
        return TlsListener(
            listener,
            tls,
            knock=lambda address: knock(setting, address),
            plain=lambda address: plain(setting, address),
            factory=lambda greet: Entrance(
                lambda: self.meet(Downstream(setting, greet)), lambda: Http2Connection(setting, self.meet, greet)
            ),
        )

    def meet(self, downstream: Downstream) -> asyncio.Protocol:
        """Whom the event loop talks to for one client: a composition may put something between the two."""
        return downstream

    async def _open_check(self, ledger: Ledger) -> Address:
        """Start the browser check's own server, on loopback: the edge reaches it as it reaches the app."""
        from antechamber.surface.check_server import CheckConnection  # off by default, and not needed then

        page = CheckPage(self.policy)
        ledger.witness = attempts = Attempts(ledger.witness)
        (listener,) = open_listeners((Address(host="127.0.0.1", port=0),))
        loop = asyncio.get_running_loop()
        self._check = await loop.create_server(
            lambda: CheckConnection(page, attempts.of), sock=listener, backlog=BACKLOG
        )
        return local_address(listener)

    def _running(self) -> Setting:
        assert self.setting is not None, "start() comes first"
        return self.setting

    def _open_log(self, log: AccessLog) -> AccessLogWitness | Silent:
        if not log.path:
            return Silent()
        sink = open_sink(log)
        as_text = log.form == "text" or (log.form == "auto" and os.isatty(sink.fileno()))
        self._writer = LineWriter(sink)
        loop = asyncio.get_running_loop()
        return AccessLogWitness(
            self._writer, as_text=as_text, secrets=self.policy.secret_query_keys, later=loop.call_later, now=loop.time
        )


def serve(edge: Edge) -> int:
    """Run an edge until SIGTERM or SIGINT; a second signal ends it at once. Returns the exit code.

    Raises :class:`ConfigError`.
    """
    descriptors = raise_descriptor_limit()
    if descriptors <= RESERVED_DESCRIPTORS:
        raise ConfigError(
            f"only {descriptors} files and connections may be open at a time",
            place="ulimit -n",
            way_out="Allow 1024 or more: ulimit -Hn, or LimitNOFILE= in the systemd unit.",
        )
    return run(_serve(edge))


async def _serve(edge: Edge) -> int:
    loop = asyncio.get_running_loop()
    asked, insisted = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        (insisted if asked.is_set() else asked).set()

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, on_signal)
    await edge.start()
    for line in edge.greeting():
        edge.notices.say(line)
    await asked.wait()
    drained = await edge.drain(insisted)
    await edge.close()
    edge.notices.say(f"stopped: {drained.finished} finished, {drained.cut} cut")
    sys.stderr.flush()
    return 0


def _upstream_url(address: Address) -> str:
    return str(address) if address.unix else f"http://{address}"


def _holding(ledger: Ledger) -> str:
    """What is still open, for people: how many of each kind, and the oldest routes."""
    counts = Counter(f"{entry.shape} {entry.route}" for entry in ledger.open.values())
    shown = ", ".join(f"{number} x {name}" for name, number in counts.most_common(REPORT_LINES))
    rest = len(counts) - REPORT_LINES
    return f"{shown}, and {rest} more kinds" if rest > 0 else shown

"""Every fault of a hop, with a value that shows it, and what ``check`` must make of it."""

from __future__ import annotations

from tests.matrix.sabotage import On, Sabotage


def _fault(
    flag: str,
    rule: str,
    on: On,
    value: object = True,
    *,
    beside: tuple[str, ...] = (),
    patience_s: float = 0.0,
    unseen: str = "",
) -> Sabotage:
    written = f"--{flag}" if value is True else f"--{flag} {value}"
    return Sabotage(
        engine="hop",
        fault=written,
        rule=rule,
        on=on,
        given=((flag, value),),
        beside=beside,
        patience_s=patience_s,
        unseen=unseen,
    )


HOP = (
    _fault("strip-upgrade", "AC101", On.SOCKETS),
    _fault("refuse-upgrade", "AC101", On.SOCKETS, "426"),
    _fault("ignore-upgrade", "AC101", On.SOCKETS),
    _fault("early-switch", "AC105", On.SOCKETS),
    _fault("hold-frames", "AC105", On.SOCKETS, "3s"),
    _fault("max-message", "AC106", On.SOCKETS, "4k"),
    _fault("hold-headers", "AC202", On.STREAMS),
    _fault("hold-events", "AC201", On.STREAMS, "3s"),
    _fault("batch", "AC201", On.STREAMS, "4k"),
    _fault("batch", "AC203", On.STREAMS, "150"),
    _fault("collect-responses", "AC201", On.STREAMS),
    _fault("strip-comments", "AC205", On.STREAMS),
    _fault("html-streams", "AC207", On.STREAMS),
    _fault("login-page", "AC516", On.LIVE),
    _fault("max-body", "AC301", On.SOMEWHERE, "1m"),
    _fault("collect-requests", "AC302", On.SOMEWHERE),
    _fault("cut-upload", "AC304", On.SOMEWHERE, "2s", patience_s=5.0),
    _fault("hide-departures", "AC306", On.LIVE),
    _fault("cut-after", "AC204", On.SOMEWHERE, "4s", beside=("AC107",), patience_s=8.0),
    _fault("cut-idle", "AC409", On.LIVE, "2s", beside=("AC402",), patience_s=6.0),
    _fault("host", "AC501", On.EVERYWHERE, "inner"),
    _fault("drop-port", "AC507", On.EVERYWHERE),
    _fault("forwarded-proto", "AC503", On.EVERYWHERE, "wss"),
    _fault("forwarded-host", "AC504", On.EVERYWHERE, "inner"),
    _fault("strip-header", "AC511", On.EVERYWHERE, "X-Forwarded-For"),
    _fault("strip-header", "AC206", On.STREAMS, "Last-Event-ID"),
    _fault("strip-header", "AC512", On.SOMEWHERE, "Cookie"),
    _fault("append-client", "AC502", On.EVERYWHERE),
    _fault("believe-anyone", "AC502", On.EVERYWHERE, beside=("AC505", "AC506", "AC508")),
    _fault("drop-query", "AC513", On.SOMEWHERE),
    _fault("redirects", "AC514", On.SOMEWHERE, "inner"),
    _fault("max-header", "AC515", On.SOMEWHERE, "1k"),
    _fault("strip-response-header", "AC512", On.SOMEWHERE, "Set-Cookie"),
    _fault("gzip-streams", "AC604", On.STREAMS, beside=("AC601",)),
    _fault("compress", "AC601", On.SOMEWHERE),
    _fault("double-gzip", "AC601", On.SOMEWHERE),
    _fault("mislabel", "AC606", On.SOMEWHERE),
    _fault("cache", "AC608", On.SOMEWHERE, beside=("AC602",)),
    _fault("cache-control", "AC610", On.STREAMS, "public, max-age=3600"),
)

"""docs/hop.md, made from the table of faults and the presets."""

from __future__ import annotations

from collections.abc import Iterator

from tools.faults_page import link

from antechamber.hop.presets import PRESETS, Preset
from antechamber.hop.table import FAULTS, Fault, Where

INTRODUCTION = """\
# A bad hop on purpose

<!-- Made by tools/generate_docs.py from src/antechamber/hop/table.py and presets.py. Do not edit. -->

`antechamber hop` is a proxy that misbehaves as told. Put it in front of your app to see what your app makes of a proxy
that holds events, cuts sockets, loses headers or compresses twice, before somebody's real one does it:

```console
antechamber hop --to :3000 --hold-events 3s --strip-header X-Forwarded-Proto
```

It listens at 127.0.0.1:8081 unless told otherwise, says what it does wrong when it starts, and serves until Ctrl-C.
Faults add up. Without any it is a proxy that does nothing wrong, and mends nothing either: what the app says of its
streams is passed on as it is. It reads neither `antechamber.toml` nor any variable, since it stands for somebody else's
proxy. **Do not use it for anything but tests.**

## In tests

With Antechamber installed, pytest has the fixture `antechamber_hop` (the plug-in is called `pytest-antechamber`; there
is nothing to import). It starts a hop on a free port, for the length of the test, in a thread of its own:

```python
def test_the_page_says_that_it_is_reconnecting(antechamber_hop, app, page):
    page.goto(antechamber_hop(app.url, {"cut-after": "2s"}))
    page.get_by_text("Reconnecting").wait_for()


def test_the_app_works_behind_cloudflare(antechamber_hop, app, page):
    page.goto(antechamber_hop(app.url, preset="cloudflare-free"))
```

The same from asynchronous Python:

```python
from antechamber.hop.server import hop

async with hop(to="http://127.0.0.1:3000", faults={"hold-events": "3s"}) as url:
    ...
```

Flags are written without their dashes; a switch is `True`. What `antechamber serve` takes as `--tls-certificate`,
`--tls-key`, `--trust`, `--listen` and `--profile` is given as `tls_certificate=` and so on.

## Faults

The last column names the [rules](rules/README.md) that are about a fault; the first one is what `antechamber check`
reports. Each fault is seen on the wire by a test of its own, and looked at through `antechamber check` in the
[fault matrix](fault-matrix.md).
"""

LIMITS = """\
## What it is not

- No HTTP/3, and HTTP/2 only with TLS (`--no-http2` switches it off). Every fault is the same over both versions: what
  is spoilt is one request with its answer, and frames are made of what comes out. Where over HTTP/1.1 a connection is
  cut, over HTTP/2 its stream is.
- What it holds, it holds in memory: a response or batch up to 1 MiB, then it lets go, as a real buffer that is full
  does; a collected request up to the limit on bodies.
- `--cut-idle`, `--max-body`, `--max-header` and `--believe-anyone` are limits of the edge itself, set wrong; so time
  limits are met to a quarter of a second, and refusals are in the edge's words.
"""


def render() -> str:
    return "\n".join([INTRODUCTION, *_tables(), "## Presets\n", *_presets(), LIMITS])


def _tables() -> Iterator[str]:
    for where in Where:
        faults = [fault for fault in FAULTS if fault.where is where]
        yield f"### On {where.value}\n"
        yield "| flag | does | rules |"
        yield "|---|---|---|"
        yield from (_row(fault) for fault in faults)
        yield ""


def _row(fault: Fault) -> str:
    flag = f"--{fault.flag} {fault.example}" if fault.example else f"--{fault.flag}"
    links = ", ".join(link(one) for one in fault.rules)
    return f"| `{flag}` | {fault.does} | {links} |"


def _presets() -> Iterator[str]:
    yield "Models of what known proxies do to live traffic when nobody has set anything. More faults may be added."
    yield ""
    for preset in PRESETS:
        yield from _preset(preset)


def _preset(preset: Preset) -> Iterator[str]:
    yield f"### `--preset {preset.name}`\n"
    yield f"{preset.like}\n"
    yield "It is: " + ", ".join(f"`{told}`" for told in preset.faults.told()) + ".\n"
    yield "It differs from the real one in that it\n"
    yield from (f"- {difference}" for difference in preset.unlike)
    yield ""
    yield "Sources: " + ", ".join(f"<{source}>" for source in preset.sources) + "\n"

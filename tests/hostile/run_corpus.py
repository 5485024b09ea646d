"""Run the request corpus against any proxy that listens already: ``python -m tests.hostile.run_corpus``.

The proxy must send everything to ``--origin-port`` (opened here), over HTTP/1.1, without trusted proxies, without
compression and with streaming on. Prints each failing case and exits 1 when there is one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from tests.hostile.corpus import TABLES, Case, load
from tests.hostile.lane import Lane
from tests.hostile.origin import RecordingOrigin


async def run(host: str, port: int, origin_port: int, cases: list[Case]) -> dict[str, list[str]]:
    """Reasons per case id; an empty list means that the case passed."""
    origin = RecordingOrigin()
    await origin.open(origin_port)
    try:
        lane = Lane(host, port, origin)
        await lane.learn_baseline()
        return {case.id: await lane.judge(case) for case in cases}
    finally:
        await origin.__aexit__()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proxy", required=True, metavar="HOST:PORT")
    parser.add_argument("--origin-port", required=True, type=int)
    parser.add_argument("--table", action="append", choices=TABLES, help="default: all")
    parser.add_argument("--only", default="", metavar="ID[,ID]")
    parser.add_argument("--json", type=Path, help="write reasons per case id")
    options = parser.parse_args()
    host, port = options.proxy.rsplit(":", 1)
    only = set(filter(None, options.only.split(",")))
    cases = [case for name in options.table or TABLES for case in load(name) if not only or case.id in only]
    results = asyncio.run(run(host, int(port), options.origin_port, cases))
    for case in cases:
        if results[case.id]:
            print(f"{case.level:6} {case.id:26} {'; '.join(results[case.id])[:240]}")
    failed = sum(bool(found) for found in results.values())
    print(f"{len(results) - failed} of {len(results)} passed")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""All targets, one after another, in the given time."""

from __future__ import annotations

import argparse
import sys

from tests.hostile.fuzz import (
    chunked_body,
    event_stream,
    forwarded_fields,
    http2_connection,
    request_head,
    response_head,
    site_file,
    websocket_frames,
)
from tests.hostile.fuzz.drive import DEFAULT_SEED, fuzz

TARGETS = (
    request_head.TARGET,
    response_head.TARGET,
    chunked_body.TARGET,
    websocket_frames.TARGET,
    event_stream.TARGET,
    forwarded_fields.TARGET,
    http2_connection.TARGET,
    site_file.TARGET,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    options = parser.parse_args()
    each = options.seconds / len(TARGETS)
    held = [fuzz(target, seconds=each, seed=options.seed) for target in TARGETS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

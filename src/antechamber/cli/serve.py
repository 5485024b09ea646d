"""``antechamber serve``: the built-in edge in front of an app."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from antechamber.cli.flags import Flags, with_flags
from antechamber.policy.load import load


def _serve(flags: Flags) -> int:
    """Serves until SIGTERM or SIGINT, then drains."""
    loaded = load(flags, environment=os.environ, directory=Path.cwd())
    for warning in loaded.warnings:
        print(f"antechamber: warning: {warning}", file=sys.stderr)
    if loaded.site_file:
        print(f"antechamber: configuration from {loaded.site_file}", file=sys.stderr)
    from antechamber.edge import server

    return server.serve(server.Edge(loaded.policy))


serve = with_flags(_serve)

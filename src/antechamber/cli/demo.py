"""``antechamber demo``: a live app, the edge in front of it, and a table of every route, in one command."""

from __future__ import annotations

import sys
from typing import Annotated

from antechamber.cli.parameters import flag


def demo(
    once: Annotated[bool, flag(help="Print the table and stop: exit code 0 if every route is well, else 1.")] = False,
    profile: Annotated[
        str, flag(metavar="NAME|FILE", help="The routes to drive: a built-in profile, or a TOML file.")
    ] = "openchamber",
    listen: Annotated[
        str, flag(metavar="ADDRESS", help="Where the edge listens; port 0 takes a free one.")
    ] = "127.0.0.1:0",
    through: Annotated[
        str,
        flag(
            metavar="URL",
            help="Look through a proxy of yours that stands in front of the edge (give --listen a fixed port then).",
        ),
    ] = "",
) -> int:
    """Start the reference app and the edge, drive every route through the edge and directly, and show both."""
    from rich.console import Console

    from antechamber.demo.chain import Wishes
    from antechamber.demo.children import ChildError
    from antechamber.demo.run import PLAIN_COLUMNS, run_demo
    from antechamber.net.loop import run

    out, err = Console(), Console(stderr=True)
    if not out.is_terminal:
        out = Console(width=PLAIN_COLUMNS)
    wishes = Wishes(profile=profile, listen=listen, through=through)
    try:
        return run(run_demo(wishes, once=once, out=out, err=err))
    except ChildError as error:
        for line in error.said:
            print(f"  {line}", file=sys.stderr)
        raise

"""``antechamber witness``: an observer between a proxy and its app, who answers probes in place."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from antechamber.cli.chamber import PROBE_TOKEN_VARIABLE
from antechamber.errors import ConfigError
from antechamber.surface.request import is_token

LISTEN = "127.0.0.1:3001"


def witness(
    to: Annotated[str, typer.Option(metavar="URL", help="The app, as the proxy dialled it until now.")] = "",
    listen: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen: where the proxy is to go for now.")
    ] = LISTEN,
    probe_token: Annotated[
        str,
        typer.Option(
            metavar="TOKEN",
            envvar=PROBE_TOKEN_VARIABLE,
            show_envvar=False,
            help=f"Answer probes that carry this token. Or set {PROBE_TOKEN_VARIABLE}. Without it, one is made.",
        ),
    ] = "",
) -> int:
    """Stand between a proxy and its app: answer probes, and pass everything else on untouched."""
    if not to:
        raise ConfigError("nothing says where the app is", way_out='Run "antechamber witness --to :3000".')
    if probe_token and not is_token(probe_token):
        raise ConfigError("a probe token is 8 to 128 of A-Z a-z 0-9 - . _ ~", place="--probe-token")
    token = probe_token or secrets.token_urlsafe(16)
    from antechamber.edge.server import serve
    from antechamber.hop import witness as room

    running = room.witness(to, token=token, listen=listen)
    if not probe_token:
        print(token, flush=True)
        running.notices.say(f"the line on standard output is the probe token of this run ({PROBE_TOKEN_VARIABLE})")
    return serve(running)

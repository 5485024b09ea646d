"""``antechamber witness``: an observer between a proxy and its app, who answers probes in place."""

from __future__ import annotations

import secrets
from typing import Annotated

from antechamber.cli.parameters import flag
from antechamber.cli.probe_token import PROBE_TOKEN_VARIABLE, probe_token_flag, require_probe_token
from antechamber.errors import ConfigError

LISTEN = "127.0.0.1:3001"


def witness(
    to: Annotated[str, flag(metavar="URL", help="The app, as the proxy dialled it until now.")] = "",
    listen: Annotated[str, flag(metavar="ADDRESS", help="Where to listen: where the proxy is to go for now.")] = LISTEN,
    probe_token: Annotated[str, probe_token_flag("Without it, one is made.")] = "",
) -> int:
    """Stand between a proxy and its app: answer probes, and pass everything else on untouched."""
    if not to:
        raise ConfigError("nothing says where the app is", way_out='Run "antechamber witness --to :3000".')
    require_probe_token(probe_token)
    token = probe_token or secrets.token_urlsafe(16)
    from antechamber.edge.server import serve
    from antechamber.hop import witness as room

    running = room.witness(to, token=token, listen=listen)
    if not probe_token:
        print(token, flush=True)
        running.notices.say(f"the line on standard output is the probe token of this run ({PROBE_TOKEN_VARIABLE})")
    return serve(running)

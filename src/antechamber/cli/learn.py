"""``antechamber learn``: a profile, proposed from what a browser recorded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from antechamber.cli.output import put
from antechamber.cli.parameters import argument, flag
from antechamber.engines.base import File
from antechamber.errors import ConfigError
from antechamber.learn.har import read_har
from antechamber.learn.origin import own_origin
from antechamber.learn.profile import profile_text
from antechamber.learn.routes import learned_routes
from antechamber.policy.endpoints import PublicOrigin
from antechamber.policy.value import ValueProblem


def learn(
    har: Annotated[str, argument(metavar="HAR|-", help="What the browser saved, or - for standard input.")],
    origin: Annotated[
        str, flag(metavar="ORIGIN", help="The app's origin, where the recording has pages of several.")
    ] = "",
    output: Annotated[
        str, flag("--output", "-o", metavar="FILE", help="Write the profile there; its name ends in .toml.")
    ] = "",
    overwrite: Annotated[bool, flag(help="Replace a file that differs without asking.")] = False,
) -> int:
    """Proposes a profile of an app from a browser's recording (HAR); no cookie, token or query value gets into it."""
    if output and not output.endswith(".toml"):
        raise ConfigError("the name of a profile ends in .toml", place="--output")
    asked = _origin(origin)
    requests = read_har(har, sys.stdin.buffer)
    name = _shown(har)
    own = own_origin(requests, asked=asked, name=name)
    routes = learned_routes(request for request in requests if request.origin == own)
    text = profile_text(routes, requests, origin=own, name=name)
    if not output:
        print(text, end="")
        return 0
    file = Path(output)
    put(file.parent, [File(file.name, text)], overwrite=overwrite)
    return 0


def _origin(word: str) -> str:
    try:
        return str(PublicOrigin().parse(word, base=Path())) if word else ""
    except ValueProblem as problem:
        raise ConfigError(problem.problem, place="--origin", way_out=problem.way_out) from None


def _shown(har: str) -> str:
    return "standard input" if har == "-" else ascii(Path(har).name)[1:-1]

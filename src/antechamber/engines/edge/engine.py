"""The built-in edge: engine zero. It was made for the policy, so it enforces every field of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antechamber.engines.base import Capabilities, File, Form, Options, capabilities, heading
from antechamber.engines.edge.program import PROGRAM
from antechamber.engines.edge.read import read
from antechamber.engines.edge.site_file import Table, tables
from antechamber.errors import ConfigError
from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.load import SITE_FILE
from antechamber.policy.model import Policy, Route


class Edge:
    """``antechamber serve``"""

    name = "edge"
    title = "Antechamber's edge"
    issues_certificates = False
    program = PROGRAM
    capabilities: Capabilities = capabilities()

    def render(self, policy: Policy, options: Options) -> tuple[File, ...]:
        if options.form is Form.SNIPPET:
            raise ConfigError(
                "a site file has no parts to include in another", way_out="Leave --form out, or write --form site."
            )
        text = heading(self, policy) + "\n".join(map(_text, tables(policy, options)))
        return (File(SITE_FILE, text),)

    def fix(self, field: PolicyField, route: Route) -> str:
        return _FIXES.get(field, "nothing to write: the edge always does so").format(path=route.path)

    def validate_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "config", "--show", "--config", str(directory / SITE_FILE))

    def run_argv(self, binary: str, directory: Path) -> Sequence[str]:
        return (binary, "serve", "--config", str(directory / SITE_FILE))

    def read(self, text: str) -> tuple[EffectiveRoute, ...]:
        return read(text)


def _text(table: Table) -> str:
    return "".join(f"{line}\n" for line in (table.header, *table.lines) if str(line))


_FIXES: dict[PolicyField, str] = {
    PolicyField.UPGRADES: "--upgrade TOKEN",
    PolicyField.BODY_LIMIT_BYTES: "--body-limit, or body-limit in the [[route]] of {path}",
    PolicyField.CONNECT_S: "--connect-timeout",
    PolicyField.REQUEST_HEAD_S: "--request-head-timeout",
    PolicyField.BODY_IDLE_S: "--body-idle-timeout",
    PolicyField.RESPONSE_S: "--response-timeout, or response-timeout in the [[route]] of {path}",
    PolicyField.STREAM_IDLE_S: "--stream-idle-timeout, or stream-idle-timeout in the [[route]] of {path}",
    PolicyField.SEND_S: "--send-timeout and --stream-send-timeout",
    PolicyField.KEEPALIVE_IDLE_S: "--keepalive-idle-timeout",
    PolicyField.UPSTREAM_IDLE_S: "--upstream-idle-timeout",
    PolicyField.DRAIN_S: "--drain-timeout",
    PolicyField.CLIENT_ADDRESS: "--trust, if a proxy stands further out",
    PolicyField.FORWARDED_PROTO: "--public-origin, or --trust",
    PolicyField.FORWARDED_HOST: "--public-origin, or --trust",
    PolicyField.LOOK_ALIKES: "--untrusted-fields NAME",
}
"""What can be said of a field; the others have no setting, since there is no reason to want them otherwise."""

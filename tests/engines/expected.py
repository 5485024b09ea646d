"""What should be read back from an engine's rendering: the policy's own values, or what is declared of them."""

from __future__ import annotations

import os
from collections.abc import Callable

from antechamber.engines.base import Engine, Level
from antechamber.policy.effective import PolicyField, Scalar
from antechamber.policy.model import Policy

EXAMPLES = int(os.environ.get("ENGINE_POLICIES", "25"))
"""Policies for each engine; ``make matrix`` asks for 500."""


def _longest_client_timeout(policy: Policy) -> float:
    times = policy.timeouts
    return max(times.body_idle_s, times.send_s, times.stream_send_s)


def _longest_stream(policy: Policy) -> float:
    return policy.timeouts.stream_idle_s


READ_AS: dict[tuple[str, PolicyField], Callable[[Policy], Scalar] | None] = {
    ("edge", PolicyField.NO_TRANSFORM): lambda _: True,
    ("nginx", PolicyField.DRAIN_S): None,
    ("haproxy", PolicyField.DRAIN_S): _longest_stream,
    ("haproxy", PolicyField.SEND_S): _longest_client_timeout,
    ("haproxy", PolicyField.BODY_IDLE_S): _longest_client_timeout,
}
"""Approximations that show in the value itself; ``None`` for what stands outside the file. (The edge marks its event
streams whether or not a CDN stands further out, which is more than it has to do.)"""


def expected(engine: Engine, policy: Policy, field: PolicyField, wanted: Scalar) -> Scalar | None:
    """The value that is read back; ``None`` where none can be."""
    capability = engine.capabilities[field]
    if capability.level is Level.NOT_EXPRESSIBLE:
        return None
    if (engine.name, field) not in READ_AS:
        return wanted
    assert capability.level is Level.APPROXIMATED or field is PolicyField.NO_TRANSFORM
    read_as = READ_AS[engine.name, field]
    return read_as(policy) if read_as else None

"""What is looked at twice: enough to tell an accident from a fault, and no more waiting than that."""

from __future__ import annotations

from antechamber.hop.pytest_plugin import StartHop
from antechamber.probe.inquiry import SAMPLE
from tests.check.asking import ask, roots, sockets_of_the_guide, with_login


async def test_silence_on_every_socket_is_waited_for_again_on_a_few_of_them(
    antechamber_hop: StartHop, chamber: str
) -> None:
    policy = sockets_of_the_guide(chamber)
    url = antechamber_hop(chamber, {"ignore-upgrade": True})
    inquiry = await ask(url, chamber, with_login(policy, chamber))
    assert roots(inquiry.assessment()) == {"AC101": tuple(route.path for route in policy.routes)}
    assert len(inquiry.known.again) == SAMPLE < len(policy.routes)

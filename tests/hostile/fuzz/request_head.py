"""Requests: what is accepted is read alike by h11 and llhttp, and is never given up while it arrives."""

from __future__ import annotations

import sys
from random import Random

from tests.hostile.fuzz.drive import Target, main
from tests.protocol import material
from tests.protocol.agreement import check_beginnings, check_request


def trial(random: Random) -> None:
    octets = material.spoiled(random.choice(material.requests()), material.requests(), random)
    check_request(octets)
    check_beginnings(octets)


TARGET = Target("request_head", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))

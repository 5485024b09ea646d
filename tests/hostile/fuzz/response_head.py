"""Responses: what is accepted is read alike by h11 and llhttp, as it came and as it is sent on."""

from __future__ import annotations

import sys
from random import Random

from tests.hostile.fuzz.drive import Target, main
from tests.protocol import material
from tests.protocol.agreement import check_response


def trial(random: Random) -> None:
    octets = material.spoiled(random.choice(material.responses()), material.responses(), random)
    check_response(octets, method=random.choice((b"GET", b"GET", b"HEAD", b"POST")))


TARGET = Target("response_head", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))

"""Chunked bodies: read alike by h11 and llhttp, and the same however they are cut."""

from __future__ import annotations

import sys
from random import Random

from tests.hostile.fuzz.drive import Target, main
from tests.protocol import material
from tests.protocol.agreement import check_chunked, check_cuts


def trial(random: Random) -> None:
    body = material.spoiled(random.choice(material.chunked_bodies()), material.chunked_bodies(), random)
    check_chunked(body)
    check_cuts(body, material.cuts(body, random), reframe=random.random() < 0.5)


TARGET = Target("chunked_body", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))

"""What several files of tests on HTTP/2 begin with."""

from __future__ import annotations

import pytest

from tests.protocol.http2_pair import Pair


@pytest.fixture(params=[False, True], ids=["whole", "byte by byte"])
def pair(request: pytest.FixtureRequest) -> Pair:
    """A server and a client; the client's octets arrive at once, or one by one."""
    return Pair(bytewise=request.param)

"""The reference app, for all engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from antechamber.policy.model import Tls
from tests.engines.apps import TOKEN, chamber_with


@pytest.fixture(scope="session")
def chamber(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the reference app."""
    with chamber_with(TOKEN, tmp_path_factory.mktemp("chamber")) as url:
        yield url


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """A certificate and its key, in the one pair of names that all engines take."""
    issued = trustme.CA().issue_cert("chamber.example.com")
    pair = Tls(certificate=tmp_path / "site.pem", key=tmp_path / "site.pem.key")
    pair.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    pair.key.write_bytes(issued.private_key_pem.bytes())
    return pair

"""Why a server's certificate is not to be believed, told from what OpenSSL says and from the chain that was sent.

The verdicts are those that send people to different places: a certificate out of its time, one for another name, one
whose authority nobody knows, one whose intermediate certificate the server forgot to send.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from antechamber.net.stream import CertificateError
from antechamber.policy.model import Address

_EXPIRED = frozenset({9, 10})
"""``X509_V_ERR_CERT_NOT_YET_VALID`` and ``X509_V_ERR_CERT_HAS_EXPIRED``."""
_WRONG_NAME = frozenset({62, 64})
"""``X509_V_ERR_HOSTNAME_MISMATCH`` and ``X509_V_ERR_IP_ADDRESS_MISMATCH``."""
_ISSUER_UNKNOWN = frozenset({2, 20, 21})
"""``X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT``, ``…_LOCALLY`` and ``X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE``."""


class CertificateFault(StrEnum):
    """What is wrong with a certificate."""

    EXPIRED = "expired"
    WRONG_NAME = "wrong name"
    UNTRUSTED = "untrusted"
    INCOMPLETE = "incomplete chain"


@dataclass(frozen=True, slots=True)
class ChainSent:
    """What a server sent: how many certificates, and whether the first says where its issuer's can be had."""

    certificates: int
    names_issuer: bool
    """Authorities that anybody knows put the issuer's address into what they sign; private ones do not."""


def fault_of(error: CertificateError, sent: ChainSent | None) -> CertificateFault:
    """The fault behind an error of the handshake."""
    if error.code in _EXPIRED:
        return CertificateFault.EXPIRED
    if error.code in _WRONG_NAME:
        return CertificateFault.WRONG_NAME
    if error.code in _ISSUER_UNKNOWN and sent is not None and sent.certificates == 1 and sent.names_issuer:
        return CertificateFault.INCOMPLETE
    return CertificateFault.UNTRUSTED


async def chain_sent(address: Address, *, server_name: str, within_s: float) -> ChainSent | None:
    """The chain that the server sends, believed or not; ``None`` where it cannot be had."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(within_s):
            _, writer = await asyncio.open_connection(
                address.host, address.port, ssl=context, server_hostname=server_name
            )
    except (OSError, TimeoutError):
        return None
    try:
        return _chain_of(writer.get_extra_info("ssl_object"))
    finally:
        writer.close()


def _chain_of(tls: Any) -> ChainSent | None:  # ssl.SSLObject; what is used of it became public with Python 3.13 only
    inner = getattr(tls, "_sslobj", None)
    chain = inner.get_unverified_chain() if inner is not None and hasattr(inner, "get_unverified_chain") else None
    if not chain:
        return None
    return ChainSent(certificates=len(chain), names_issuer="caIssuers" in chain[0].get_info())

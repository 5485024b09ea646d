"""TLS for the listener: certificate files in, an ``ssl.SSLContext`` out."""

from __future__ import annotations

import ssl

from antechamber.errors import ConfigError
from antechamber.policy.model import Tls

ServerTls = ssl.SSLContext
"""What a listener speaks TLS with."""


def server_context(tls: Tls, *, http2: bool = False) -> ServerTls:
    """A server context: TLS 1.2 and up, no renegotiation, no compression, ALPN ``http/1.1``, before it ``h2`` if told.

    Raises :class:`ConfigError` when the files do not load or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    try:
        context.load_cert_chain(tls.certificate, tls.key, password=_no_password)
    except OSError as error:  # ssl.SSLError is one as well
        raise ConfigError(
            f"the certificate and key do not load: {_reason(error)}",
            place=f"{tls.certificate}, {tls.key}",
            way_out="Both must be PEM, unencrypted, and belong together: the chain in one, its key in the other",
        ) from None
    return context


def _no_password() -> bytes:
    raise ssl.SSLError("the private key is encrypted")


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or str(error)

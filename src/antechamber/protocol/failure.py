"""What can go wrong in an exchange, as values, and the one place where it becomes a status.

The tokens are the proxy error types of RFC 9209 section 2.3; the status is the one that section recommends, except
``proxy_loop_detected``, which is 508 here (RFC 5842 7.2) so that a loop is not mistaken for a dead app.
Faults of the two sides are different types: :class:`RequestFault` is the downstream's, :class:`ResponseFault`
the upstream's.
"""

from __future__ import annotations

from enum import Enum


class Failure(Enum):
    """An RFC 9209 error type; ``value`` is the token, ``status`` what a client is answered."""

    DNS_ERROR = "dns_error"
    DNS_TIMEOUT = "dns_timeout"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_TERMINATED = "connection_terminated"
    CONNECTION_TIMEOUT = "connection_timeout"
    CONNECTION_WRITE_TIMEOUT = "connection_write_timeout"
    CONNECTION_LIMIT_REACHED = "connection_limit_reached"
    DESTINATION_UNAVAILABLE = "destination_unavailable"
    DESTINATION_UNROUTABLE = "destination_ip_unroutable"
    REQUEST_ERROR = "http_request_error"
    REQUEST_DENIED = "http_request_denied"
    RESPONSE_INCOMPLETE = "http_response_incomplete"
    RESPONSE_HEADER_SIZE = "http_response_header_section_size"
    RESPONSE_TRAILER_SIZE = "http_response_trailer_section_size"
    RESPONSE_TRANSFER_CODING = "http_response_transfer_coding"
    RESPONSE_TIMEOUT = "http_response_timeout"
    UPGRADE_FAILED = "http_upgrade_failed"
    PROTOCOL_ERROR = "http_protocol_error"
    INTERNAL_ERROR = "proxy_internal_error"
    LOOP_DETECTED = "proxy_loop_detected"

    @property
    def status(self) -> int:
        """The status code of the answer that the edge makes up for this failure."""
        return _STATUS.get(self, 502)


_STATUS = {
    Failure.DNS_TIMEOUT: 504,
    Failure.CONNECTION_TIMEOUT: 504,
    Failure.CONNECTION_WRITE_TIMEOUT: 504,
    Failure.RESPONSE_TIMEOUT: 504,
    Failure.CONNECTION_LIMIT_REACHED: 503,
    Failure.DESTINATION_UNAVAILABLE: 503,
    Failure.REQUEST_ERROR: 400,
    Failure.REQUEST_DENIED: 403,
    Failure.INTERNAL_ERROR: 500,
    Failure.LOOP_DETECTED: 508,
}


class RequestFault(Exception):
    """The downstream sent something that is refused. ``status`` is a 4xx or 5xx, ``detail`` a short sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class ResponseFault(Exception):
    """The upstream sent something that must not be passed on."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail

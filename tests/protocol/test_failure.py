"""Failures as values: the tokens of RFC 9209 2.3 and the statuses that clients are answered."""

from __future__ import annotations

import re

import pytest

from antechamber.protocol.failure import Failure, RequestFault, ResponseFault

RECOMMENDED = {
    "dns_timeout": 504,
    "dns_error": 502,
    "destination_not_found": 500,
    "destination_unavailable": 503,
    "destination_ip_prohibited": 502,
    "destination_ip_unroutable": 502,
    "connection_refused": 502,
    "connection_terminated": 502,
    "connection_timeout": 504,
    "connection_read_timeout": 504,
    "connection_write_timeout": 504,
    "connection_limit_reached": 503,
    "http_request_error": 400,
    "http_request_denied": 403,
    "http_response_incomplete": 502,
    "http_response_header_section_size": 502,
    "http_response_header_size": 502,
    "http_response_body_size": 502,
    "http_response_trailer_section_size": 502,
    "http_response_trailer_size": 502,
    "http_response_transfer_coding": 502,
    "http_response_content_coding": 502,
    "http_response_timeout": 504,
    "http_upgrade_failed": 502,
    "http_protocol_error": 502,
    "proxy_internal_response": 500,
    "proxy_internal_error": 500,
    "proxy_configuration_error": 500,
    "proxy_loop_detected": 502,
}
"""RFC 9209 2.3: each type and the status it recommends."""


@pytest.mark.parametrize(
    "failure", [each for each in Failure if each is not Failure.LOOP_DETECTED], ids=lambda failure: failure.value
)
def test_a_failure_is_a_type_of_the_rfc_with_the_status_it_recommends(failure: Failure) -> None:
    assert failure.status == RECOMMENDED[failure.value]


def test_a_loop_is_508_so_that_nobody_takes_it_for_a_dead_app() -> None:
    """RFC 5842 7.2 instead of RFC 9209's 502."""
    assert Failure.LOOP_DETECTED.value in RECOMMENDED
    assert Failure.LOOP_DETECTED.status == 508


@pytest.mark.parametrize("failure", Failure, ids=lambda failure: failure.value)
def test_a_token_can_stand_in_a_structured_field(failure: Failure) -> None:
    """RFC 8941 3.3.4: it is written into ``Proxy-Status`` without quotes."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", failure.value)


def test_the_faults_of_the_two_sides_cannot_be_mistaken_for_each_other() -> None:
    fault: Exception = RequestFault(414, "too long")
    assert not isinstance(fault, ResponseFault)
    assert str(fault) == "too long"
    assert str(ResponseFault(Failure.PROTOCOL_ERROR, "no head")) == "no head"

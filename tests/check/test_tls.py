"""Certificates that are not to be believed: which fault it is, and that nothing secret is sent to such a server."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from antechamber.net.certificate import CertificateFault, ChainSent, chain_sent, fault_of
from antechamber.net.stream import CertificateError, ClientTls
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.target import Target
from tests.check.asking import named, places, roots
from tests.engines.apps import PASSWORD, TOKEN
from tests.integration.programs import edge

HOST = "127.0.0.1"
NAME = "localhost"
SMALL = ("--body-limit", "4MiB")
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextlib.asynccontextmanager
async def secure(chamber: str, certificate: trustme.LeafCert, place: Path, *more: str) -> AsyncIterator[str]:
    """The edge with that certificate in front of the app."""
    place.mkdir(exist_ok=True)
    (place / "site.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    (place / "site.key").write_bytes(certificate.private_key_pem.bytes())
    flags = ["--tls-certificate", "site.pem", "--tls-key", "site.key", *more]
    with edge("--to", chamber, *flags, cwd=place) as (url, _):
        yield url


async def ask_hop(chamber: str, public: str, hop: str, authority: trustme.CA) -> Inquiry:
    """The public address by its name, and a station by its address."""
    tls = ClientTls(authorities=authority.cert_pem.bytes().decode())
    question = Question(
        policy=named(chamber, "/api/fs/upload"),
        through=replace(Target.of(public.replace(HOST, NAME)), tls=tls).with_lane(),
        direct=Target.of(chamber).with_lane(),
        hops=(("inner", replace(Target.of(hop), tls=tls)),),
        token=TOKEN,
    )
    inquiry = Inquiry(question)
    await inquiry.run()
    return inquiry


async def ask(url: str, chamber: str, trusted: trustme.CA) -> Inquiry:
    tls = ClientTls(authorities=trusted.cert_pem.bytes().decode())
    question = Question(
        policy=named(chamber, "/*", "/auth/session", "/api/event"),
        through=replace(Target.of(url), tls=tls).with_lane(),
        direct=Target.of(chamber).with_lane(),
        token=TOKEN,
        password=PASSWORD,
    )
    inquiry = Inquiry(question)
    await inquiry.run()
    return inquiry


async def test_a_sound_certificate_is_told_as_sound(chamber: str, authority: trustme.CA, tmp_path: Path) -> None:
    async with secure(chamber, authority.issue_cert(HOST), tmp_path) as url:
        assessment = (await ask(url, chamber, authority)).assessment()
    assert roots(assessment) == {}
    passed = {one.rule.name for one in assessment.judged if type(one.verdict).__name__ == "Passed"}
    assert {"certificate-expired", "certificate-wrong-name", "certificate-untrusted", "chain-incomplete"} <= passed


CASES: dict[str, Callable[[trustme.CA], trustme.LeafCert]] = {
    "certificate-expired": lambda ca: ca.issue_cert(HOST, not_after=LONG_AGO, not_before=LONG_AGO.replace(year=2019)),
    "certificate-wrong-name": lambda ca: ca.issue_cert("elsewhere.test"),
    "certificate-untrusted": lambda _: trustme.CA().issue_cert(HOST),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_certificate_that_is_not_believed_is_told_by_its_fault_and_nothing_is_sent_there(
    name: str, chamber: str, authority: trustme.CA, tmp_path: Path
) -> None:
    async with secure(chamber, CASES[name](authority), tmp_path) as url:
        inquiry = await ask(url, chamber, authority)
    assert [finding.rule.name for finding in inquiry.assessment().findings] == [name]
    assert inquiry.known.seen == {}, "no route was asked for, so no cookie went there"


async def test_the_chain_is_counted_as_it_was_sent(chamber: str, authority: trustme.CA, tmp_path: Path) -> None:
    """An authority of one's own leaves out where its certificate is to be had, so its leaf alone proves nothing."""
    child = authority.create_child_ca()
    async with secure(chamber, child.issue_cert(HOST), tmp_path) as url:
        sent = await chain_sent(Target.of(url).address, server_name=HOST, within_s=10.0)
    assert sent == ChainSent(certificates=2, names_issuer=False)


@pytest.mark.parametrize(
    ("code", "sent", "fault"),
    [
        (10, None, CertificateFault.EXPIRED),
        (9, None, CertificateFault.EXPIRED),
        (62, None, CertificateFault.WRONG_NAME),
        (64, None, CertificateFault.WRONG_NAME),
        (18, ChainSent(1, names_issuer=False), CertificateFault.UNTRUSTED),
        (20, None, CertificateFault.UNTRUSTED),
        (20, ChainSent(1, names_issuer=False), CertificateFault.UNTRUSTED),
        (20, ChainSent(1, names_issuer=True), CertificateFault.INCOMPLETE),
        (20, ChainSent(2, names_issuer=True), CertificateFault.UNTRUSTED),
    ],
)
def test_what_openssl_says_and_what_was_sent_tell_the_fault(
    code: int, sent: ChainSent | None, fault: CertificateFault
) -> None:
    assert fault_of(CertificateError("", code=code, at_s=0.0), sent) is fault


async def test_a_station_is_dialled_at_its_address_and_asked_for_by_the_public_name(
    chamber: str, authority: trustme.CA, tmp_path: Path
) -> None:
    """Its certificate holds the public name, and no address: so does that of an origin behind a CDN."""
    certificate = authority.issue_cert(NAME)
    inner = secure(chamber, certificate, tmp_path / "inner", *SMALL, "--trust", "private")
    async with inner as hop, secure(chamber, certificate, tmp_path / "outer", *SMALL) as public:
        inquiry = await ask_hop(chamber, public, hop, authority)
    assert inquiry.known.guilt.unasked == {}
    assert places(inquiry.assessment()) == {"AC301": "inner"}


async def test_a_station_that_cannot_be_asked_is_neither_guilty_nor_innocent(
    chamber: str, authority: trustme.CA, tmp_path: Path
) -> None:
    inner = secure(chamber, trustme.CA().issue_cert(NAME), tmp_path / "inner", *SMALL)
    outer = secure(chamber, authority.issue_cert(NAME), tmp_path / "outer", *SMALL)
    async with inner as hop, outer as public:
        inquiry = await ask_hop(chamber, public, hop, authority)
    assert "certificate" in inquiry.known.guilt.unasked["inner"]
    assert places(inquiry.assessment()) == {"AC301": f"{NAME}:{public.rpartition(':')[2]} or inner"}

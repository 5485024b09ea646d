"""What each field means to an intermediary: RFC 9110 7.6.1, and look-alikes in other spellings."""

from __future__ import annotations

import pytest

from antechamber.protocol.headers import Role, Roles, request_roles, response_roles, tokens, without

UNTRUSTED = frozenset({"cf-connecting-ip", "x-original-url"})


@pytest.fixture
def roles() -> Roles:
    return request_roles(UNTRUSTED)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (b"Host", Role.HOST),
        (b"Connection", Role.CONNECTION),
        (b"Keep-Alive", Role.DROP),
        (b"Proxy-Connection", Role.DROP),
        (b"Proxy-Authorization", Role.DROP),
        (b"Proxy", Role.DROP),
        (b"HTTP2-Settings", Role.DROP),
        (b"Trailer", Role.DROP),
        (b"Transfer-Encoding", Role.CODING),
        (b"Content-Length", Role.LENGTH),
        (b"Upgrade", Role.UPGRADE),
        (b"TE", Role.TE),
        (b"Expect", Role.EXPECT),
        (b"Via", Role.VIA),
        (b"Forwarded", Role.FORWARDED),
        (b"X-Forwarded-For", Role.FORWARDED),
        (b"X-Forwarded-Proto", Role.FORWARDED),
        (b"X-Forwarded-Host", Role.FORWARDED),
        (b"X-Real-IP", Role.FORWARDED),
        (b"CF-Connecting-IP", Role.UNTRUSTED),
        (b"X-Original-URL", Role.UNTRUSTED),
        (b"Cookie", Role.KEEP),
        (b"Last-Event-ID", Role.KEEP),
        (b"Sec-WebSocket-Key", Role.KEEP),
    ],
)
def test_a_field_of_a_request_has_one_role_in_every_spelling(roles: Roles, name: bytes, role: Role) -> None:
    """RFC 9110 5.1: names are case-insensitive."""
    for spelling in (name, name.lower(), name.upper(), name.swapcase()):
        assert roles.of(spelling) is role
        assert roles.by_spelling[spelling] is role, "the second look-up is one dictionary access"
        assert roles.of(spelling) is role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (b"Content-Type", Role.CONTENT_TYPE),
        (b"Cache-Control", Role.CACHE_CONTROL),
        (b"X-Accel-Buffering", Role.ACCEL),
        (b"Incremental", Role.INCREMENTAL),
        (b"Date", Role.DATE),
        (b"Keep-Alive", Role.KEEP_ALIVE),
        (b"Proxy-Authenticate", Role.DROP),
        (b"Trailer", Role.DROP),
        (b"ETag", Role.KEEP),
        (b"Host", Role.KEEP),
        (b"X-Forwarded-For", Role.KEEP),
    ],
)
def test_a_field_of_a_response_has_a_role_of_its_own(name: bytes, role: Role) -> None:
    assert response_roles().of(name) is role


@pytest.mark.parametrize("name", [b"X_Forwarded_For", b"x_real-ip", b"TRANSFER_ENCODING", b"Content_Length"])
def test_an_underscore_does_not_disguise_a_field(roles: Roles, name: bytes) -> None:
    """CGI and WSGI fold ``-`` and ``_`` into one name, so the app would believe the look-alike."""
    assert roles.of(name) is Role.DROP


def test_an_underscore_spelling_of_a_look_alike_is_a_look_alike(roles: Roles) -> None:
    assert roles.of(b"CF_Connecting_IP") is Role.UNTRUSTED


def test_an_underscore_in_a_name_without_a_meaning_is_kept(roles: Roles) -> None:
    assert roles.of(b"my_header") is Role.KEEP


def test_what_is_remembered_of_spellings_is_bounded(roles: Roles) -> None:
    """A client that makes up names must not fill the memory of a process that runs for months."""
    for number in range(5000):
        assert roles.of(b"X-%d" % number) is Role.KEEP
        assert len(roles.by_spelling) <= 1024
    assert roles.of(b"Host") is Role.HOST


def test_a_very_long_name_is_answered_but_not_remembered(roles: Roles) -> None:
    name = b"X" * 65
    assert roles.of(name) is Role.KEEP
    assert name not in roles.by_spelling


@pytest.mark.parametrize(
    ("lines", "members"),
    [
        ([], []),
        ([b""], []),
        ([b"close"], [b"close"]),
        ([b"Upgrade, HTTP2-Settings"], [b"upgrade", b"http2-settings"]),
        ([b" a ,\tb\t", b"C"], [b"a", b"b", b"c"]),
        ([b",,a,,", b","], [b"a"]),
    ],
)
def test_a_list_is_read_over_all_its_lines(lines: list[bytes], members: list[bytes]) -> None:
    """RFC 9110 5.3 and 5.6.1: lines are one list, empty members are nothing."""
    assert tokens(lines) == members


def test_fields_that_connection_names_go_in_every_spelling() -> None:
    """RFC 9110 7.6.1."""
    fields = [(b"A", b"1"), (b"x-token", b"2"), (b"X-TOKEN", b"3"), (b"B", b"4")]
    assert without(fields, [b"x-token", b"close"]) == [(b"A", b"1"), (b"B", b"4")]

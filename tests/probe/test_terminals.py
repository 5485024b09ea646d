"""Terminals for the time of a check: which are opened for which profile, and where their ids go."""

from __future__ import annotations

import pytest

from antechamber.policy.model import Kind
from antechamber.probe.look import path_of
from antechamber.probe.terminals import apis_of, id_of
from antechamber.probe.transcript import End, Ending, HttpTranscript, Piece
from tests.engines.deployed import policy_of


def answer(body: bytes, status: int = 200) -> HttpTranscript:
    return HttpTranscript(
        ending=Ending(End.COMPLETE, 0.1), status=status, fields=(), head_s=0.1, pieces=(Piece(0.1, body),)
    )


@pytest.mark.parametrize(
    ("profile", "apis"),
    [
        ("openchamber", [("/api/terminal/create", "/api/terminal/:sessionId")]),
        ("opencode", [("/pty", "/pty/:ptyID"), ("/api/pty", "/api/pty/:ptyID")]),
        ("generic", []),
    ],
)
def test_terminals_are_opened_where_the_profile_says_and_has_live_routes_of_them(
    profile: str, apis: list[tuple[str, str]]
) -> None:
    assert [(api.create, api.item) for api in apis_of(policy_of({"profile": profile}).routes)] == apis


def test_each_socket_is_asked_for_with_the_terminal_of_its_own_api() -> None:
    routes = policy_of({"profile": "opencode"}).routes
    opened = {api.item: f"pty_{number}" for number, api in enumerate(apis_of(routes))}
    sockets = [path_of(route, opened) for route in routes if route.kind is Kind.WEBSOCKET]
    assert sockets == ["/pty/pty_0/connect", "/api/pty/pty_1/connect"]
    assert [api.path_of(opened[api.item]) for api in apis_of(routes)] == ["/pty/pty_0", "/api/pty/pty_1"]


@pytest.mark.parametrize(
    "body", [b'{"sessionId": "t1", "cols": 80}', b'{"id": "t1", "pid": 1}', b'{"location": {}, "data": {"id": "t1"}}']
)
def test_an_id_is_read_where_apps_tell_it(body: bytes) -> None:
    assert id_of(answer(body)) == "t1"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"id": "t1"}', 403), (b"<!doctype html>", 200), (b"[]", 200), (b'{"id": 7}', 200), (b'{"data": "t1"}', 200)],
)
def test_an_app_that_opens_none_leaves_its_sockets_without_one(body: bytes, status: int) -> None:
    assert id_of(answer(body, status)) == ""

"""Who may come in: the session cookie, the URL token, and the routes that hand them out.

Without a password everybody may. With one, a session is an ``HttpOnly``, ``SameSite=Strict`` cookie; it is ``Secure``
only when the request came with ``X-Forwarded-Proto: https``, so a proxy that ends TLS silently loses that. Every 401
clears the cookie, also one that was sent before a login and arrives after it.
"""

from __future__ import annotations

import hmac
import time
from email.utils import formatdate

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from antechamber.chamber.answers import json_answer, problem_answer, read_json
from antechamber.chamber.origin import first_item, forwarded_proto
from antechamber.chamber.rate_limit import LOCKED_S, LoginLimit
from antechamber.chamber.tokens import SESSION_S, TRUSTED_SESSION_S, URL_TOKEN_S, Purpose, Signer

COOKIE = "oc_ui_session"
URL_TOKEN_KEY = "oc_url_token"  # noqa: S105  # the name of a query key, not a secret
_BODY_LIMIT_BYTES = 64 * 1024


class Login:
    """The chamber's one password and what follows from it."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._signer = Signer()
        self._limit = LoginLimit()

    @property
    def required(self) -> bool:
        return bool(self._password)

    def session_of(self, connection: HTTPConnection) -> str:
        """The valid session token that came with the request; empty when there is none."""
        token = connection.cookies.get(COOKIE, "")
        return token if token and self._signer.is_valid(token, Purpose.SESSION) else ""

    def admits(self, connection: HTTPConnection, *, url_token_counts: bool) -> bool:
        """Whether the request may pass; ``url_token_counts`` on the few routes that take one."""
        if not self.required or self.session_of(connection):
            return True
        token = connection.query_params.get(URL_TOKEN_KEY, "")
        return url_token_counts and bool(token) and self._signer.is_valid(token, Purpose.URL)

    def refusal(self, request: HTTPConnection) -> Response:
        """The 401 that also logs out."""
        cleared = _cookie(request, "", lasts_s=0)
        return problem_answer(401, "UI authentication required", headers={"set-cookie": cleared})

    def new_session(self, request: HTTPConnection, *, lasts_s: int = SESSION_S) -> tuple[str, str]:
        """A fresh session token and the ``Set-Cookie`` that carries it."""
        token = self._signer.sign(Purpose.SESSION, lasts_s=lasts_s)
        return token, _cookie(request, token, lasts_s=lasts_s)

    async def log_in(self, request: Request) -> Response:
        """``POST /auth/session``."""
        body = await read_json(request, limit_bytes=_BODY_LIMIT_BYTES)
        key = _limit_key(request)
        if self.required and self._limit.is_locked(key, time.monotonic()):
            return problem_answer(429, "Too many attempts", headers={"retry-after": str(int(LOCKED_S))})
        if self.required and not self._is_password(body.get("password")):
            self._limit.failed(key, time.monotonic())
            return self.refusal(request)
        self._limit.succeeded(key)
        lasts_s = TRUSTED_SESSION_S if body.get("trustDevice") is True else SESSION_S
        _, cookie = self.new_session(request, lasts_s=lasts_s)
        return json_answer({"authenticated": True}, headers={"set-cookie": cookie})

    async def who(self, request: Request) -> Response:
        """``GET /auth/session``."""
        if self.admits(request, url_token_counts=False):
            return json_answer({"authenticated": True})
        return self.refusal(request)

    async def url_token(self, request: Request) -> Response:
        """``POST /auth/url-token``."""
        if not self.admits(request, url_token_counts=False):
            return self.refusal(request)
        token = self._signer.sign(Purpose.URL, lasts_s=URL_TOKEN_S)
        expires_at = int((time.time() + URL_TOKEN_S) * 1000)
        return json_answer({"token": token, "expiresAt": expires_at}, headers={"cache-control": "no-store"})

    def _is_password(self, given: object) -> bool:
        return isinstance(given, str) and hmac.compare_digest(given.encode(errors="replace"), self._password)


def _limit_key(request: Request) -> str:
    return first_item(request.headers.raw, b"x-forwarded-for") or (request.client.host if request.client else "")


def _cookie(request: HTTPConnection, token: str, *, lasts_s: int) -> str:
    expires = formatdate(time.time() + lasts_s if lasts_s else 0, usegmt=True)
    secure = "; Secure" if forwarded_proto(request.headers.raw) == "https" else ""
    return f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts_s}; Expires={expires}{secure}"

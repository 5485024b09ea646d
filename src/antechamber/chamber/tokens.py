"""The two credentials that the chamber signs: a session, and a minute's leave to open a stream by its URL.

Both are JWTs (RFC 7519, HS256) under a key made at start, so a restart logs everybody out. Each says what it is for:
one can never pass as the other.
"""

from __future__ import annotations

import secrets
import time
from enum import StrEnum

import jwt

SESSION_S = 12 * 3600
TRUSTED_SESSION_S = 7 * 24 * 3600
URL_TOKEN_S = 60


class Purpose(StrEnum):
    SESSION = "ui-session"
    URL = "ui-url"


class Signer:
    """Makes and recognises the chamber's credentials."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def sign(self, purpose: Purpose, *, lasts_s: float) -> str:
        now = time.time()
        claims = {"typ": purpose.value, "iat": int(now), "exp": int(now + lasts_s), "jti": secrets.token_hex(8)}
        return jwt.encode(claims, self._key, algorithm="HS256")

    def is_valid(self, token: str, purpose: Purpose) -> bool:
        """Whether we signed ``token`` for ``purpose`` and it has not expired."""
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"], options={"require": ["exp", "typ"]})
        except jwt.InvalidTokenError:
            return False
        return bool(claims["typ"] == purpose.value)

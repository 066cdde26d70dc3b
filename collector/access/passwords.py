"""Passwords are kept as argon2id hashes, with the parameters that RFC 9106 recommends where memory is scarce.

One hash takes 64 MiB and a tenth of a second.
"""

from __future__ import annotations

import functools
import secrets
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from collector.errors import AccessError

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hash_password(password: str) -> str:
    """Return what to keep of a password. Raises AccessError if it is too short or too long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise AccessError(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters; a few words that you can remember will do.")
    return _HASHER.hash(_normal(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept. It takes as long where there is nobody with a password (None)."""
    # Made before it is known whether it is needed: the first call must not tell either.
    nobodys = _nobodys()
    try:
        return _HASHER.verify(kept or nobodys, _normal(password[: MAX_LENGTH + 1])) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made with parameters that are no longer ours."""
    return _HASHER.check_needs_rehash(kept)


def make_password() -> str:
    """Return a random password."""
    return secrets.token_urlsafe(18)


@functools.cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(18))


def _normal(password: str) -> bytes:
    """The same letters typed on another keyboard may be other code points (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogateescape")

"""Hashes of the earlier backend."""

from typing import Any

import bcrypt
from django.contrib.auth.hashers import BCryptPasswordHasher

BCRYPT_MAX_BYTES = 72
BARE_BCRYPT_PREFIX = "$2"


class TruncatingBcryptHasher(BCryptPasswordHasher):
    """bcrypt as earlier libraries computed it: what follows the 72nd byte doesn't count.

    The current library raises ValueError there instead, which would be a failed login.
    """

    def encode(self, password: str, salt: Any) -> str:
        digest = bcrypt.hashpw(password.encode()[:BCRYPT_MAX_BYTES], salt)
        return f"{self.algorithm}${digest.decode('ascii')}"


def with_algorithm(encoded: str) -> str:
    """A stored hash as Django reads it: bare bcrypt (`$2b$…`) lacks the algorithm's name."""
    if encoded.startswith(BARE_BCRYPT_PREFIX):
        return f"{TruncatingBcryptHasher.algorithm}${encoded}"
    return encoded

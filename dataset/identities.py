"""What takes a participant's place in what leaves: keyed pseudonyms, and bands for ages."""

import base64
import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field

from accounts.models import canonical_email
from dataset.choices import Split
from dataset.rows import SessionFacts

AGE_BANDS = ((0, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64))  # years, both included
OLDEST_BAND = "65+"
AGE_BAND_NAMES = [*(f"{first}-{last}" for first, last in AGE_BANDS), OLDEST_BAND]
DIGEST_BYTES = 10  # eighty bits: no two of a million people share one by chance
SPLIT_SEED = "toastclub-1"
SPLIT_SHARES = ((Split.TRAIN, 80), (Split.VALIDATION, 10), (Split.TEST, 10))  # of 100


@dataclass(frozen=True)
class Pseudonyms:
    """Names that only whoever has the installation's key can compute.

    The same thing has the same one in every export of an installation.
    """

    key: bytes = field(repr=False)

    def participant(self, session: SessionFacts) -> str:
        """The same for the same e-mail; without one, a session's participant is one of its own."""
        if session.email:
            return self._name("p", "email", person_of(session.email))
        return self._name("p", "session", str(session.id))

    def session(self, number: int) -> str:
        return self._name("s", "session", str(number))

    def recording(self, number: int) -> str:
        return self._name("r", "recording", str(number))

    def survey(self, number: int) -> str:
        return self._name("e", "survey", str(number))

    def split(self, session: SessionFacts) -> Split:
        """Where a participant's sessions go, all of them, in this release and in every later one.

        Of people without an e-mail those of the same name go together, for they may be the same.
        """
        if session.name and not session.email:
            return _split_of(self._name("p", "name", _canonical(session.name)))
        return _split_of(self.participant(session))

    def _name(self, prefix: str, *parts: str) -> str:
        message = "\0".join((prefix, *parts)).encode()
        digest = hmac.new(self.key, message, hashlib.sha256).digest()[:DIGEST_BYTES]
        return f"{prefix}_{base64.b32encode(digest).decode().lower()}"


def person_of(email: str) -> str:
    """The same for all ways of writing an e-mail."""
    return _canonical(canonical_email(email))


def age_band(age: int | None) -> str | None:
    if age is None:
        return None
    for first, last in AGE_BANDS:
        if first <= age <= last:
            return f"{first}-{last}"
    return OLDEST_BAND


def _canonical(text: str) -> str:
    """One spelling of what is written in several: of spaces, capitals and composed letters."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _split_of(person: str) -> Split:
    digest = hashlib.sha256(f"{SPLIT_SEED}\0{person}".encode()).digest()
    place = int.from_bytes(digest[:8]) % 100
    for split, share in SPLIT_SHARES:
        if place < share:
            return split
        place -= share
    raise AssertionError("The shares make a hundred")

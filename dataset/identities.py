"""What takes a participant's place in what leaves: keyed pseudonyms, and bands for ages."""

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from accounts.models import canonical_email
from dataset.choices import Split
from sessions_app.models import Session

AGE_BANDS = ((0, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64))  # years, both included
OLDEST_BAND = "65+"
DIGEST_BYTES = 10  # eighty bits: no two of a million people share one by chance
BLOT = "[…]"
SPLIT_SEED = "toastclub-1"
SPLIT_SHARES = ((Split.TRAIN, 80), (Split.VALIDATION, 10), (Split.TEST, 10))  # of 100


@dataclass(frozen=True)
class Pseudonyms:
    """Names that only whoever has the installation's key can compute.

    The same thing has the same one in every export of an installation.
    """

    key: bytes

    def participant(self, session: Session) -> str:
        """The same for the same e-mail; without one, a session's participant is one of its own."""
        email = session.datos_participante["email_opcional"]
        if email:
            return self._name("p", "email", _canonical(canonical_email(email)))
        return self._name("p", "session", str(session.pk))

    def session(self, number: int) -> str:
        return self._name("s", "session", str(number))

    def recording(self, number: int) -> str:
        return self._name("r", "recording", str(number))

    def survey(self, number: int) -> str:
        return self._name("e", "survey", str(number))

    def split(self, session: Session) -> Split:
        """Where a participant's sessions go, all of them, in this release and in every later one.

        Of people without an e-mail those of the same name go together, for they may be the same.
        """
        data = session.datos_participante
        person = self.participant(session)
        if not data["email_opcional"] and data["nombre"]:
            person = self._name("p", "name", _canonical(data["nombre"]))
        return _split_of(person)

    def _name(self, prefix: str, *parts: str) -> str:
        message = "\0".join((prefix, *parts)).encode()
        digest = hmac.new(self.key, message, hashlib.sha256).digest()[:DIGEST_BYTES]
        return f"{prefix}_{base64.b32encode(digest).decode().lower()}"


def age_band(age: int | None) -> str | None:
    if age is None:
        return None
    for first, last in AGE_BANDS:
        if first <= age <= last:
            return f"{first}-{last}"
    return OLDEST_BAND


def without_identity(answers: Any, session: Session) -> Any:
    """Answers in which the participant's own name and e-mail and the session's code are blotted."""
    data = session.datos_participante
    own = [data["nombre"], data["email_opcional"], session.session_code]
    return _blotted(answers, [text for text in own if text])


def _blotted(value: Any, words: list[str]) -> Any:
    if isinstance(value, str):
        return _text_without(value, words)
    if isinstance(value, list):
        return [_blotted(item, words) for item in value]
    if isinstance(value, dict):
        return {key: _blotted(item, words) for key, item in value.items()}
    return value


def _text_without(text: str, words: list[str]) -> str:
    lowered = text.lower()
    for word in words:
        if word.lower() in lowered:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", BLOT, text, flags=re.IGNORECASE)
    return text


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

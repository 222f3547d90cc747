"""Keeping out of a participant's answers who the participant is."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

BLOT = "[…]"
QUESTIONS_REMEMBERED = 500
NAME_PART_LETTERS = 3  # shorter parts of a name are ordinary words
PARTICLES = frozenset({"del", "las", "los", "san", "von", "van", "der"})
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_ABOUT_AGE = re.compile(r"(?<![a-z])(?:edad|age|nacimiento|nacio|birth\w*|cumple\w*)(?![a-z])")
_WORD = re.compile(r"[^\W\d_]+")
_MARK = re.compile("[\u0300-\u036f]")
_MARKS = f"{_MARK.pattern}*"
_SEVERAL_BLOTS = re.compile(rf"{re.escape(BLOT)}(?:\s+{re.escape(BLOT)})+")


class Blotter:
    """Takes out of answers, and out of their questions, what says who gave them.

    Every e-mail, the session's code, the participant's name and each part of it however it is
    spelt, and the exact age: in text, and where the question is about it.
    """

    def __init__(self, *, name: str, age: int | None, session_code: str) -> None:
        parts = _WORD.findall(_folded(name))
        known = [part for part in parts if len(part) >= NAME_PART_LETTERS]
        self._name_parts = set(known) - PARTICLES or {part for part in parts if len(part) > 1}
        self._code = session_code.lower()
        self._age = "" if age is None else str(age)

    def blotted(self, value: Any, *, is_about_age: bool = False) -> Any:
        if isinstance(value, dict):
            return self._blotted_object(value)
        if isinstance(value, list):
            return [self.blotted(item, is_about_age=is_about_age) for item in value]
        if is_about_age and value is not None:
            return BLOT
        return self._blotted_text(value) if isinstance(value, str) else value

    def _blotted_object(self, answers: dict[str, Any]) -> dict[str, Any]:
        blotted: dict[str, Any] = {}
        for key, value in answers.items():
            name = self._blotted_text(key)
            while name in blotted:  # no answer hides another
                name += "'"
            blotted[name] = self.blotted(value, is_about_age=_is_about_age(key))
        return blotted

    def _blotted_text(self, text: str) -> str:
        if "@" in text:
            text = _EMAIL.sub(BLOT, text)
        folded = _folded(text)
        if self._code in folded:
            text = re.sub(re.escape(self._code), BLOT, text, flags=re.IGNORECASE)
        for part in self._name_parts:
            if part in folded:
                text = _without_word(text, part)
        if self._age and self._age in text and not text.strip().isdecimal():
            text = re.sub(rf"(?<!\d){self._age}(?!\d)", BLOT, text)
        return _SEVERAL_BLOTS.sub(BLOT, text)


@lru_cache(maxsize=QUESTIONS_REMEMBERED)
def _is_about_age(question: str) -> bool:
    return bool(_ABOUT_AGE.search(_folded(question)))


def _folded(text: str) -> str:
    """In lower case and without accents."""
    if text.isascii():
        return text.lower()
    return _MARK.sub("", unicodedata.normalize("NFKD", text).casefold())


def _without_word(text: str, folded_word: str) -> str:
    """The text without that word, whatever accents it has there."""
    spelt = "".join(re.escape(letter) + _MARKS for letter in folded_word)
    word = re.compile(rf"(?<![^\W\d_]){spelt}(?![^\W\d_])", re.IGNORECASE)
    blotted, count = word.subn(BLOT, unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", blotted) if count else text

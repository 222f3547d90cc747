"""Keeping out of a participant's answers who the participant is."""

import re
from typing import Any

from dataset.folding import folded, replaced, words_of
from dataset.questions import Asked, asked_by, is_for_a_question

BLOT = "[…]"
NAME_PART_LETTERS = 3  # shorter parts of a name are ordinary words
PARTICLES = frozenset({"del", "las", "los", "san", "von", "van", "der"})

_LETTER = r"[^\W\d_]"
_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]"
# Possessive: a text takes no longer than its length.
_EMAIL = rf"(?<!{_ADDRESS}){_ADDRESS}++@[\w-]++(?:\.[\w-]++)++"
_DIGIT = re.compile(r"\d")
_SEVERAL_BLOTS = re.compile(rf"{re.escape(BLOT)}(?:\s+{re.escape(BLOT)})+")

_TEENS = words_of(
    "once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno "
    "veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve"
)
_TENS = words_of("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_UNITS = words_of("uno dos tres cuatro cinco seis siete ocho nueve")
_LARGER = [f"{ten}{end}" for ten in _TENS for end in ("", *(f" y {unit}" for unit in _UNITS))]
SPELT = dict(enumerate([*_TEENS, *_LARGER], start=11))  # smaller ones are ordinary words


class Blotter:
    """Takes out of answers what says who gave them.

    Every e-mail, the session's code, the participant's name and each part of it however it is
    spelt, and the exact age, in text; and what is answered to questions that ask for it. Of the
    questions it takes e-mails and the code. Those that have part of the name in them stay, and
    `naming` says what they are without it: they may be everybody's, which is not known here.
    """

    def __init__(self, *, name: str, age: int | None, email: str | None, session_code: str) -> None:
        parts = words_of(folded(name))
        known = [part for part in parts if len(part) >= NAME_PART_LETTERS]
        self._name_parts = set(known) - PARTICLES or {part for part in parts if len(part) > 1}
        self._addresses = [folded(text) for text in (session_code, email) if text]
        self._age = age
        self.naming: dict[str, str] = {}

    def blotted(self, value: Any, asked: Asked = Asked.NOTHING) -> Any:
        if isinstance(value, dict):
            return self._blotted_object(value, asked)
        if isinstance(value, list):
            return [self.blotted(item, asked) for item in value]
        if value is None or isinstance(value, bool):
            return value
        if asked is Asked.NAME_OR_ADDRESS or (asked is Asked.AGE and _DIGIT.search(str(value))):
            return BLOT
        return self._blotted_text(value) if isinstance(value, str) else value

    def _blotted_object(self, answers: dict[str, Any], asked: Asked) -> dict[str, Any]:
        asked = _asked_inside(answers) or asked
        blotted: dict[str, Any] = {}
        for question, value in answers.items():
            name = _without(self._addresses_in(folded(question)), question)
            while name in blotted:  # no answer hides another
                name += "'"
            if names := self._names_in(folded(name)):
                self.naming[name] = _without(names, name)
            inherited = Asked.NOTHING if is_for_a_question(question) else asked
            blotted[name] = self.blotted(value, asked_by(question) or inherited)
        return blotted

    def _blotted_text(self, text: str) -> str:
        found = folded(text)
        patterns = [*self._addresses_in(found), *self._names_in(found)]
        if not text.strip().isdecimal():
            patterns += self._ages_in(found)
        return _without(patterns, text)

    def _addresses_in(self, text: str) -> list[str]:
        """Patterns of the addresses that this folded text may have; likewise the following."""
        patterns = [re.escape(address) for address in self._addresses if address in text]
        return [_EMAIL, *patterns] if "@" in text else patterns

    def _names_in(self, text: str) -> list[str]:
        parts = sorted((part for part in self._name_parts if part in text), key=len, reverse=True)
        return [_word(f"(?:{'|'.join(parts)})++")] if parts else []

    def _ages_in(self, text: str) -> list[str]:
        if self._age is None:
            return []
        digits, words = str(self._age), SPELT.get(self._age, "").split()
        patterns = [rf"(?<!\d){digits}(?!\d)"] if digits in text else []
        if words and words[0] in text:
            patterns.append(_word(r"\s+".join(words)))
        return patterns


def _asked_inside(answer: dict[str, Any]) -> Asked:
    """What the question asks for that an answer names beside itself."""
    for name, value in answer.items():
        if isinstance(value, str) and is_for_a_question(name) and asked_by(value):
            return asked_by(value)
    return Asked.NOTHING


def _word(pattern: str) -> str:
    return f"(?<!{_LETTER}){pattern}(?!{_LETTER})"


def _without(patterns: list[str], text: str) -> str:
    """The text without what matches one of the patterns when it is folded."""
    if not patterns:
        return text
    pattern = re.compile("|".join(patterns))
    return _SEVERAL_BLOTS.sub(BLOT, replaced(pattern, BLOT, text))

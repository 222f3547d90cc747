"""Keeping out of a participant's answers who the participant is."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import Any

from dataset.questions import Asked, asked_beside, asked_by
from dataset.spelling import NUMBER_WORDS, SPELT, is_spelt_in, spelling_pattern
from sessions_app.codes import CODE_ALPHABET, CODE_LENGTH
from surveys.shapes import is_of_answer, questions_beside
from toastclub.folding import folded, replaced, words_of

BLOT = "[…]"
# Parts of names that are ordinary words.
PARTICLES = frozenset(
    words_of(
        "del las los san von van der al da de di do du el en es fe ha he ir la le lo me mi ni no "
        "os oh ok se si su te ti tu un va ve vi ya yo uf eh ah ay"
    )
)

_LETTER = r"[^\W\d_]"
_APOSTROPHE = re.compile("['’`´]")
_SEPARATORS = re.compile(r"[\W_]+")
_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]"
# Possessive: a text takes no longer than its length.
_EMAIL = rf"(?<!{_ADDRESS}){_ADDRESS}++@[\w-]++(?:\.[\w-]++)++"
_CODE = rf"(?<![a-z0-9])[{CODE_ALPHABET}]{{{CODE_LENGTH}}}(?![a-z0-9])"
_CODE_WITH_DIGIT = rf"(?<![a-z0-9])(?=[a-z]{{0,{CODE_LENGTH - 1}}}\d){_CODE}"
_CODES = re.compile(_CODE)
_DIGIT = re.compile(r"\d")
_SEVERAL_BLOTS = re.compile(rf"{re.escape(BLOT)}(?:\s+{re.escape(BLOT)})+")
# Behind a number that counts something else than years.
_OTHER_UNITS = (
    r"minutos?|min|segundos?|horas?|dias?|semanas?|mes|meses|veces|personas?|puntos?|estrellas?|"
    r"palabras?|frases?|lineas?|paginas?|euros?|soles|pesos|dolares|"
    r"de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
    r"diciembre)"
)
_NO_AGE = rf"(?!\d|[.,/:]\d|\s*[%€$]|\s*(?:{_OTHER_UNITS})(?!{_LETTER}))"


class Blotter:
    """Takes out of answers what says who gave them.

    Every e-mail and session's code, the participant's name and each part of it in capitals,
    accents or other forms of the same letters, and the exact age, in text; and what is answered
    to questions that ask for it. Of the questions it takes e-mails and codes. Those that have
    part of the name in them stay, and `naming` says what they are without it: they may be
    everybody's, which is not known here.

    `names` are all that the participant goes by, `asked` what the survey says of its questions,
    by the answers' keys, `codes` those of sessions that look like words.
    """

    def __init__(
        self,
        *,
        names: Iterable[str],
        age: int | None,
        email: str | None,
        session_code: str,
        asked: Mapping[str, Asked],
        codes: Container[str],
    ) -> None:
        folded_names = [folded(name) for name in names]
        spelt = {*folded_names, *(_APOSTROPHE.sub("", name) for name in folded_names)}
        self._full_names = [words_of(name) for name in spelt]
        self._name_parts = set().union(*map(_telling, self._full_names))
        self._email = folded(email or "")
        self._code = session_code.lower()
        self._age = age
        self._asked = asked
        self._codes = codes
        self.naming: dict[str, str] = {}

    def blotted(self, answers: dict[str, Any]) -> dict[str, Any]:
        return self._with_answers_blotted(
            answers,
            {key: asked_by(key) or self._asked.get(key, Asked.NOTHING) for key in answers},
            Asked.NOTHING,
        )

    def _blotted(self, value: Any, asked: Asked) -> Any:
        """`asked` is what the question asks for to which this is an answer, or part of one."""
        if isinstance(value, dict):
            return self._with_answers_blotted(value, self._asked_in(value, asked), asked)
        if isinstance(value, list):
            asked = asked or _age_asked_first(value)
            return [self._blotted(item, asked) for item in value]
        if value is None or isinstance(value, bool):
            return value
        if asked is Asked.NAME_OR_ADDRESS or (asked is Asked.AGE and _says_number(str(value))):
            return BLOT
        return self._blotted_text(value) if isinstance(value, str) else value

    def _asked_in(self, answer: dict[str, Any], asked: Asked) -> dict[str, Asked]:
        """What is asked for at each key of an answer with several parts."""
        beside = questions_beside(answer)
        of_answer = asked or asked_beside(answer, self._asked)
        found = {}
        for key in answer:
            if key in beside:
                found[key] = asked
            elif beside and is_of_answer(key):
                found[key] = of_answer
            else:
                found[key] = asked_by(key) or self._asked.get(key) or asked
        return found

    def _with_answers_blotted(
        self, answers: dict[str, Any], asked_at: dict[str, Asked], asked: Asked
    ) -> dict[str, Any]:
        blotted: dict[str, Any] = {}
        taken = Distinct()
        for question, value in answers.items():
            name = taken.take(self._blotted_question(question, asked))
            if names := self._names_in(folded(name)):
                self.naming[name] = _without(names, name)
            blotted[name] = self._blotted(value, asked_at[question])
        return blotted

    def _blotted_question(self, question: str, asked: Asked) -> str:
        if asked is Asked.AGE and _DIGIT.search(question):
            return BLOT
        return _without(self._addresses_in(folded(question)), question)

    def _blotted_text(self, text: str) -> str:
        found = folded(text)
        patterns = [*self._addresses_in(found), *self._names_in(found)]
        if not text.strip().isdecimal():
            patterns += self._ages_in(found)
        return _without(patterns, text)

    def _addresses_in(self, text: str) -> list[str]:
        """Patterns of e-mails and codes that this folded text may have; likewise the following."""
        patterns = [_EMAIL] if "@" in text else []
        if self._email and self._email in text:
            patterns.append(re.escape(self._email))
        if self._code in _SEPARATORS.sub("", text):
            patterns.append(_apart(self._code))
        codes = set(_CODES.findall(text))
        if not all(map(str.isalpha, codes)):
            patterns.append(_CODE_WITH_DIGIT)
        return patterns + [code for code in codes if code in self._codes]

    def _names_in(self, text: str) -> list[str]:
        together = _SEPARATORS.sub("", text)
        patterns = [
            _word(r"[\W_]*".join(parts))
            for parts in self._full_names
            if len(parts) > 1 and "".join(parts) in together
        ]
        parts = sorted((part for part in self._name_parts if part in text), key=len, reverse=True)
        return [*patterns, _word(f"(?:{'|'.join(parts)})++")] if parts else patterns

    def _ages_in(self, text: str) -> list[str]:
        if self._age is None:
            return []
        patterns = [
            _word(spelling_pattern(spelling))
            for spelling in SPELT.get(self._age, ())
            if is_spelt_in(spelling, text)
        ]
        if str(self._age) in text:
            patterns.append(rf"(?<!\d)(?<!\d[.,/:]){self._age}(?:[.,]0(?!\d))?{_NO_AGE}")
        return patterns


class Distinct:
    """Gives what would be called the same numbers, so that no answer hides another."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def take(self, wanted: str) -> str:
        name = wanted
        while name in self._taken:
            self._numbers[wanted] += 1
            name = f"{wanted} ({self._numbers[wanted] + 1})"
        self._taken.add(name)
        return name


def _telling(parts: list[str]) -> set[str]:
    """The parts of a name that are no ordinary words, if it has any."""
    long = {part for part in parts if len(part) > 1}
    return long - PARTICLES or long


def _age_asked_first(answer: list[Any]) -> Asked:
    """Whether a question for the age is in a list with its answer."""
    is_pair = len(answer) == 2 and isinstance(answer[0], str)
    is_for_age = is_pair and asked_by(answer[0]) is Asked.AGE
    return Asked.AGE if is_for_age else Asked.NOTHING


def _says_number(text: str) -> bool:
    return bool(_DIGIT.search(text)) or not NUMBER_WORDS.isdisjoint(words_of(folded(text)))


def _word(pattern: str) -> str:
    return f"(?<!{_LETTER}){pattern}(?!{_LETTER})"


def _apart(word: str) -> str:
    return r"[\W_]*".join(word)


def _without(patterns: list[str], text: str) -> str:
    """The text without what matches one of the patterns when it is folded."""
    if not patterns:
        return text
    pattern = re.compile("|".join(patterns))
    return _SEVERAL_BLOTS.sub(BLOT, replaced(pattern, BLOT, text))

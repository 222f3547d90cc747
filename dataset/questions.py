"""Which questions of a survey ask who answers it."""

import re
from collections.abc import Collection, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Any

from surveys.shapes import keys_of, questions_beside, texts_in
from toastclub.folding import folded, words_of

REMEMBERED = 500  # questions
LONGEST = 300  # characters

_CAPITAL_INSIDE = re.compile(r"(?<=[a-záéíóúüñ])(?=[A-ZÁÉÍÓÚÜÑ])")
_AGE = frozenset(
    words_of(
        "edad age nacimiento nac nacio naciste nacido nacida "
        "birth birthday birthdate dob yob cumpleanos"
    )
)
_RANGE = frozenset(words_of("rango tramo grupo franja range band"))
_YEARS = frozenset(words_of("anos anios"))
_LIVED = frozenset(words_of("tienes tiene cumples cumple cumplidos cumpliste cumpliras"))
_NAME_OR_ADDRESS = frozenset(
    words_of(
        "nombre nombres apellido apellidos llamas "
        "name surname username fullname firstname lastname "
        "correo email mail telefono dni cedula pasaporte"
    )
)
# What else is in a question for one's own name or address; the application has a name as well.
_BESIDE_IT = frozenset(
    words_of(
        "cual cuales es son como que y o e de el la los tu tus su sus mi mis te "
        "completo completos electronico numero participante usuario "
        "escribe indica dinos pon ingresa introduce coloca digita por favor opcional del pila "
        "alumno alumna estudiante persona contacto "
        "what is your my full first last middle user contact participant please enter optional"
    )
)


class Asked(IntEnum):
    """What of a person a question asks for."""

    NOTHING = 0
    AGE = 1  # or the date of birth
    NAME_OR_ADDRESS = 2


def asked_by(question: str) -> Asked:
    """By its words; a text that is longer than questions are asks for nothing."""
    return _asked_by(question) if len(question) <= LONGEST else Asked.NOTHING


@lru_cache(maxsize=REMEMBERED)
def _asked_by(question: str) -> Asked:
    words = words_of(folded(_CAPITAL_INSIDE.sub(" ", question)))
    if _RANGE.isdisjoint(words) and (not _AGE.isdisjoint(words) or _asks_for_years(words)):
        return Asked.AGE
    is_of_person = set(words) <= _NAME_OR_ADDRESS | _BESIDE_IT
    if is_of_person and not _NAME_OR_ADDRESS.isdisjoint(words):
        return Asked.NAME_OR_ADDRESS
    return Asked.NOTHING


def _asks_for_years(words: list[str]) -> bool:
    """For how many you have lived, and not for how many you have done something."""
    if words[:2] == ["how", "old"]:
        return True
    place = next((place for place, word in enumerate(words) if word in _YEARS), None)
    return place is not None and (place + 1 == len(words) or words[place + 1] in _LIVED)


def asked_beside(answer: dict[str, Any], asked: Mapping[str, Asked]) -> Asked:
    """What the question asks for that an answer names beside itself, by its text or its key."""
    for question in questions_beside(answer):
        found = asked_by(str(answer[question])) or asked.get(str(answer[question]))
        if found:
            return found
    return Asked.NOTHING


def asked_in(questions: list[Any], keys: Collection[str]) -> dict[str, Asked]:
    """What a survey's list of questions asks for, by the keys of the answers.

    The contract leaves open what is in the list: texts in the order of the answers, or objects
    that say by what key a question goes.
    """
    if len(questions) == len(keys) and all(isinstance(text, str) for text in questions):
        return {key: asked_by(text) for key, text in zip(keys, questions, strict=True)}
    asked: dict[str, Asked] = {}
    for question in questions:
        if isinstance(question, dict):
            found = max((asked_by(text) for text in texts_in(question)), default=Asked.NOTHING)
            if found:
                asked |= dict.fromkeys(keys_of(question), found)
    return asked

"""Which questions of a survey ask who answers it."""

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Any

from dataset.folding import folded, words_of

REMEMBERED = 500  # questions

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
        "nombre nombres apellido apellidos name surname llamas "
        "correo email mail telefono dni cedula pasaporte"
    )
)
# What else is in a question for one's own name or address; the application has a name as well.
_BESIDE_IT = frozenset(
    words_of(
        "cual cuales es son como que y o e de el la los tu tus su sus mi mis te "
        "completo completos electronico numero participante usuario "
        "escribe indica dinos pon what is your my full first last middle user contact contacto"
    )
)
_OF_QUESTIONS = frozenset(
    words_of("pregunta question clave key id etiqueta label q texto text titulo title enunciado")
) | {"name", "nombre"}
_OF_ANSWERS = frozenset(words_of("respuesta answer valor value a response"))


class Asked(IntEnum):
    """What of a person a question asks for."""

    NOTHING = 0
    AGE = 1  # or the date of birth
    NAME_OR_ADDRESS = 2


@lru_cache(maxsize=REMEMBERED)
def asked_by(question: str) -> Asked:
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


def question_beside(answer: dict[str, Any]) -> str | None:
    """The key of what an answer names beside itself as its question, if it does."""
    keys = {folded(key): key for key in answer}
    question = next((key for name, key in keys.items() if name in _OF_QUESTIONS), None)
    return None if _OF_ANSWERS.isdisjoint(keys) else question


def texts_of(questions: list[Any], keys: Iterable[str]) -> dict[str, str]:
    """What was asked, as far as a survey's list of questions says it, by the answers' keys.

    The contract leaves open what is in the list: texts in the order of the answers, or objects
    one value of which is the key.
    """
    known = dict.fromkeys(keys)
    if len(questions) == len(known) and all(isinstance(text, str) for text in questions):
        return dict(zip(known, questions, strict=True))
    texts: dict[str, str] = {}
    for question in questions:
        if isinstance(question, dict):
            said = [value for value in question.values() if isinstance(value, str)]
            texts |= {key: " ".join(said) for key in said if key in known}
    return texts

"""Which questions of a survey ask who answers it."""

import re
from enum import IntEnum
from functools import lru_cache

from dataset.folding import folded, words_of

REMEMBERED = 500  # questions
SHORT = 3  # words

_CAPITAL_INSIDE = re.compile(r"(?<=[a-záéíóúüñ])(?=[A-ZÁÉÍÓÚÜÑ])")
_AGE = frozenset(
    words_of(
        "edad age nacimiento nac nacio naciste nacido nacida birth birthday birthdate cumpleanos"
    )
)
_YEARS = "anos"
_LIVED = frozenset(words_of("tienes tiene cumples cumple cumplidos cumpliste"))
_NAME_OR_ADDRESS = frozenset(
    words_of(
        "nombre nombres apellido apellidos name surname llamas "
        "correo email mail telefono dni cedula pasaporte"
    )
)
_KEYS_OF_QUESTIONS = frozenset(words_of("pregunta question clave key id etiqueta label"))
_YOURS = frozenset(words_of("tu tus su sus mi mis your"))


class Asked(IntEnum):
    """What of a person a question asks for."""

    NOTHING = 0
    AGE = 1  # or the date of birth
    NAME_OR_ADDRESS = 2


@lru_cache(maxsize=REMEMBERED)
def asked_by(question: str) -> Asked:
    """By its words. A name must be asked for briefly, or be yours: it may be the application's."""
    words = words_of(folded(_CAPITAL_INSIDE.sub(" ", question)))
    if not _AGE.isdisjoint(words) or _asks_for_years(words):
        return Asked.AGE
    is_of_person = len(words) <= SHORT or not _YOURS.isdisjoint(words)
    if is_of_person and not _NAME_OR_ADDRESS.isdisjoint(words):
        return Asked.NAME_OR_ADDRESS
    return Asked.NOTHING


@lru_cache(maxsize=REMEMBERED)
def is_for_a_question(key: str) -> bool:
    """Whether an answer has its question there, which it names beside itself."""
    return folded(key) in _KEYS_OF_QUESTIONS


def _asks_for_years(words: list[str]) -> bool:
    """For how many you have lived, and not for how many you have done something."""
    if _YEARS not in words:
        return False
    following = words[words.index(_YEARS) + 1 :]
    return not following or following[0] in _LIVED

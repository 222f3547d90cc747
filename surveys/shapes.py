"""The shapes in which clients send questions and answers, which the contract leaves open."""

from collections.abc import Iterator
from typing import Any

from toastclub.folding import folded, words_of

_WORDS_IN_ORDER = tuple(
    words_of("pregunta question enunciado texto text titulo title label etiqueta q")
)
_OF_KEYS_IN_ORDER = tuple(words_of("id key clave code codigo slug name nombre"))
_OF_QUESTIONS = frozenset(
    words_of("pregunta question clave key id etiqueta label q texto text titulo title enunciado")
) | {"name", "nombre"}
_OF_KEYS = frozenset(_OF_KEYS_IN_ORDER)
_OF_ANSWERS = frozenset(words_of("respuesta answer valor value a response"))


def questions_beside(answer: dict[str, Any]) -> list[str]:
    """Where an answer names its question, if it is one that does."""
    if not any(map(is_of_answer, answer)):
        return []
    return [key for key in answer if folded(key) in _OF_QUESTIONS]


def is_of_answer(key: str) -> bool:
    return folded(key) in _OF_ANSWERS


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


def keys_of(question: dict[str, Any]) -> set[str]:
    named = {str(value) for key, value in question.items() if folded(key) in _OF_KEYS}
    return named or set(texts_in(question))


def key_of(question: dict[str, Any]) -> str | None:
    """The one key by which a question goes, if it says so."""
    return _first_text(question, _OF_KEYS_IN_ORDER)


def text_of(question: dict[str, Any]) -> str | None:
    """The words of a question, or of that which an answer names beside itself."""
    return _first_text(question, (*_WORDS_IN_ORDER, *reversed(_OF_KEYS_IN_ORDER)))


def _first_text(question: dict[str, Any], names: tuple[str, ...]) -> str | None:
    texts = {folded(key): str(value) for key, value in question.items() if _says(value)}
    return next((texts[name] for name in names if name in texts), None)


def _says(value: Any) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or type(value) is int

"""The questions of a survey, read from whatever shape a client gave them."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.text import capfirst

from surveys.shapes import key_of, keys_of, text_of
from toastclub.folding import folded, words_of

SCALE_MOST = 11  # steps that are chosen from; of more, the number is written

_OPTIONS = frozenset(words_of("opciones options choices alternativas")) | {"valores", "values"}
_OPTION_VALUE = ("valor", "value", "id", "key", "clave", "codigo", "code")
_OPTION_WORDS = ("etiqueta", "label", "texto", "text", "titulo", "title", "nombre", "name")
_TYPE = frozenset({"tipo", "type"})
_SEVERAL = frozenset({"multiple", "checkbox", "checkboxes", "casillas", "multiselect", "varias"})
_SCALE = frozenset({"escala", "scale", "rating", "likert", "estrellas", "slider"})
_NUMBER = frozenset({"numero", "number", "numerico", "entero", "integer"})
_YES_NO = frozenset({"boolean", "bool", "booleano", "si_no", "sino", "yes_no"})
_LEAST, _MOST = ("min", "minimo", "desde", "minimum"), ("max", "maximo", "hasta", "maximum")
_REQUIRED = ("obligatoria", "obligatorio", "requerida", "requerido", "required")

Choice = tuple[Any, str]  # the value that is stored, and its words


class Kind(StrEnum):
    ONE = "one"  # of the choices
    SEVERAL = "several"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True)
class Question:
    key: str  # of its answer
    words: str
    kind: Kind = Kind.TEXT
    choices: tuple[Choice, ...] = ()
    least: float | None = None
    most: float | None = None
    is_required: bool = False

    def words_for(self, value: Any) -> str | None:
        """What a choice is called; None for a value that is none."""
        return next((words for choice, words in self.choices if _same(choice, value)), None)


def _one_of(key: str, words: str, choices: dict[str, str]) -> Question:
    return Question(key, words, Kind.ONE, tuple(choices.items()), is_required=True)


# Those of the contract, which names one answer to each; the others of its scale are ours.
STANDARD = (
    _one_of(
        "experiencia_general",
        "¿Cómo fue la experiencia en general?",
        {
            "excelente": "Excelente",
            "buena": "Buena",
            "regular": "Regular",
            "mala": "Mala",
            "muy_mala": "Muy mala",
        },
    ),
    _one_of(
        "facilidad_uso",
        "¿Fue fácil de usar?",
        {
            "muy_facil": "Muy fácil",
            "facil": "Fácil",
            "normal": "Ni fácil ni difícil",
            "dificil": "Difícil",
            "muy_dificil": "Muy difícil",
        },
    ),
    _one_of(
        "utilidad_entrenamiento",
        "¿Fue útil el entrenamiento?",
        {
            "muy_util": "Muy útil",
            "util": "Útil",
            "poco_util": "Poco útil",
            "nada_util": "Nada útil",
        },
    ),
    _one_of(
        "volveria_usar", "¿Lo volvería a usar?", {"si": "Sí", "tal_vez": "Tal vez", "no": "No"}
    ),
    Question("mejoras_sugeridas", "¿Qué mejoraría?"),
)
_STANDARD_BY_KEY = {question.key: question for question in STANDARD}


def in_words(token: str) -> str:
    """A key as a person reads it: `que_te_gusto` → `Que te gusto`."""
    return capfirst(token.replace("_", " ").strip()) or "(sin nombre)"


def standard_question(key: str) -> Question | None:
    """The contract's question of that key."""
    return _STANDARD_BY_KEY.get(key)


def questions_to_ask(given: list[Any]) -> list[Question]:
    """The questions of a survey with keys of their own; the contract's if it has none."""
    return list(_with_distinct_keys(map(_question, given))) or list(STANDARD)


def questions_by_key(given: list[Any], keys: Collection[str]) -> dict[str, Question]:
    """The questions that those keys of answers belong to, as far as that is known.

    Texts in the order of the answers, or objects that say by what key a question goes.
    """
    if len(given) == len(keys) and all(isinstance(text, str) for text in given):
        named = {key: _question(text) for key, text in zip(keys, given, strict=True)}
    else:
        named = {
            key: _question(question)
            for question in given
            if isinstance(question, dict)
            for key in keys_of(question)
        }
    return {**_STANDARD_BY_KEY, **named}


def _question(given: Any) -> Question:
    if isinstance(given, str):
        return _STANDARD_BY_KEY.get(given) or Question(given, given.strip() or in_words(given))
    if isinstance(given, dict):
        return _question_of_object(given)
    words = json.dumps(given, ensure_ascii=False)
    return Question(words, words)


def _question_of_object(given: dict[str, Any]) -> Question:
    words = text_of(given) or json.dumps(given, ensure_ascii=False)
    key = key_of(given) or words
    choices = _choices(given)
    kind = _kind(given, choices)
    is_required = _first(given, _REQUIRED)
    standard = _STANDARD_BY_KEY.get(key)
    if standard and not choices:
        kind, choices = standard.kind, standard.choices
    return Question(
        key,
        in_words(words) if words == key else words,
        kind,
        choices,
        least=_number(_first(given, _LEAST)),
        most=_number(_first(given, _MOST)),
        is_required=is_required if isinstance(is_required, bool) else kind is Kind.ONE,
    )


def _kind(given: dict[str, Any], choices: tuple[Choice, ...]) -> Kind:
    kind = _type(given)
    if choices:
        is_several = kind in _SEVERAL or given.get("multiple") is True
        return Kind.SEVERAL if is_several else Kind.ONE
    return Kind.NUMBER if kind in _NUMBER | _SCALE else Kind.TEXT


def _type(given: dict[str, Any]) -> str:
    return next((folded(str(value)) for key, value in given.items() if folded(key) in _TYPE), "")


def _choices(given: dict[str, Any]) -> tuple[Choice, ...]:
    options = next((value for key, value in given.items() if folded(key) in _OPTIONS), None)
    if isinstance(options, list) and options:
        return tuple(map(_choice, options))
    if _type(given) in _YES_NO:
        return ((True, "Sí"), (False, "No"))
    if _type(given) in _SCALE:
        return _steps(_first(given, _LEAST), _first(given, _MOST))
    return ()


def _steps(least: Any, most: Any) -> tuple[Choice, ...]:
    least, most = 1 if least is None else least, 5 if most is None else most
    if not (type(least) is type(most) is int and 0 < most - least < SCALE_MOST):
        return ()
    return tuple((step, str(step)) for step in range(least, most + 1))


def _choice(option: Any) -> Choice:
    if isinstance(option, dict):
        value = _first(option, _OPTION_VALUE)
        words = _first(option, _OPTION_WORDS)
        value = words if value is None else value
        return value, value_in_words(value if words is None else words)
    return option, value_in_words(option)


def value_in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "Sí" if value else "No"
    if isinstance(value, str):
        return in_words(value) if "_" in value and " " not in value else value
    return json.dumps(value, ensure_ascii=False)


def _first(given: dict[str, Any], names: tuple[str, ...]) -> Any:
    """The value under the first of those names that there is."""
    values = {folded(key): value for key, value in given.items()}
    return next((values[name] for name in names if name in values), None)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number else None


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _with_distinct_keys(questions: Iterator[Question]) -> Iterator[Question]:
    """No answer may take another's place."""
    taken: set[str] = set()
    for question in questions:
        key, number = question.key, 1
        while key in taken:
            number += 1
            key = f"{question.key} ({number})"
        taken.add(key)
        yield replace(question, key=key)

"""Answers as a person reads them: questions in words, and what was said to each.

They are written by hand and not by a template, for there may be thousands, one inside another.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from surveys.models import Survey
from surveys.questions import in_words, questions_by_key
from surveys.shapes import is_of_answer, questions_beside, text_of

NOTHING = format_html('<span class="survey-nothing">{}</span>', "Sin respuesta")


@dataclass(frozen=True)
class Answered:
    question: str
    answer: SafeString


def answers_of(survey: Survey) -> list[Answered]:
    """In the order in which they were sent."""
    answers = survey.respuestas_json
    questions = questions_by_key(survey.questions, answers)
    return [
        Answered(
            questions[key].words if key in questions else in_words(key),
            _chosen(value, questions[key].words_for) if key in questions else _said(value),
        )
        for key, value in answers.items()
    ]


def _chosen(value: Any, words_for: Any) -> SafeString:
    """What was chosen goes by the words of the choice, which may be one of several."""
    if isinstance(value, list):
        return _said([words_for(item) or item for item in value])
    return _said(words_for(value) or value)


def _said(value: Any) -> SafeString:
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, dict):
        return _parts(_labelled(value))
    if isinstance(value, list):
        items = format_html_join("", "<li>{}</li>", ((_said(item),) for item in value))
        return format_html('<ul class="survey-list">{}</ul>', items)
    return format_html('<span class="survey-said">{}</span>', _in_words(value))


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "Sí" if value else "No"
    return value if isinstance(value, str) else json.dumps(value)


def _parts(parts: Iterable[tuple[str, Any]]) -> SafeString:
    shown = format_html_join(
        "", "<dt>{}</dt><dd>{}</dd>", ((label, _said(value)) for label, value in parts)
    )
    return format_html('<dl class="survey-parts">{}</dl>', shown)


def _labelled(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    """The parts of an answer; one that names its question stands under the words of that."""
    beside = {key: answer[key] for key in questions_beside(answer)}
    question = text_of(beside)
    answered = [key for key in answer if is_of_answer(key)]
    if question is None or len(answered) != 1:
        return [(in_words(key), value) for key, value in answer.items()]
    others = [
        (in_words(key), value)
        for key, value in answer.items()
        if key not in answered and value != question
    ]
    return [(question, answer[answered[0]]), *others]

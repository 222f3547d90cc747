"""The form in which a facilitator fills in the survey of a participant."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django import forms

from surveys.questions import Kind, Question, questions_to_ask
from surveys.serializers import AnswersSerializer
from toastclub.responses import first_fault

MOST_QUESTIONS = 200  # a form may have a thousand values
RADIOS = 8  # of more choices, one is picked from a list
NO_ANSWER = ("", "Sin respuesta")
MISSING = {"required": "Falta esta respuesta."}


class SurveyForm(forms.Form):
    """A field a question; its values are those that the questions give to their choices."""

    asked = forms.CharField(required=False)  # which questions; the template writes it

    def __init__(self, given: list[Any], data: Any = None) -> None:
        self.fingerprint = hashlib.sha256(json.dumps(given).encode()).hexdigest()
        super().__init__(data, auto_id="survey_%s")
        self.questions = questions_to_ask(given)
        for number, question in enumerate(self.questions):
            self.fields[f"q{number}"] = MAKERS[question.kind](question)

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        return [self[f"q{number}"] for number in range(len(self.questions))]

    @property
    def is_too_long(self) -> bool:
        return len(self.questions) > MOST_QUESTIONS

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("asked") != self.fingerprint:
            raise forms.ValidationError(
                "Las preguntas cambiaron mientras respondías: revisa las respuestas y "
                "guarda otra vez."
            )
        if not self.errors:
            self._take_answers(cleaned)
        return cleaned

    def _take_answers(self, cleaned: dict[str, Any]) -> None:
        """Through the same check as what a client sends."""
        answers = {
            question.key: _answer(question, cleaned[f"q{number}"])
            for number, question in enumerate(self.questions)
        }
        submitted = AnswersSerializer(data={"respuestas_json": answers})
        if not submitted.is_valid():
            raise forms.ValidationError(first_fault(submitted.errors))
        self.answers = submitted.validated_data["respuestas_json"]


def _answer(question: Question, given: Any) -> Any:
    """The values of the choices that were made, by their numbers; None for none."""
    if question.kind is Kind.SEVERAL:
        return [question.choices[int(number)][0] for number in given]
    if question.kind is Kind.ONE:
        return question.choices[int(given)][0] if given else None
    if question.kind is Kind.NUMBER and given is not None:
        return int(given) if given == int(given) else given
    return given


def _numbered(question: Question) -> list[tuple[str, str]]:
    return [(str(number), words) for number, (_value, words) in enumerate(question.choices)]


def _one_of(question: Question) -> forms.Field:
    choices = _numbered(question)
    is_short = len(choices) <= RADIOS
    if not is_short:
        choices.insert(0, NO_ANSWER)
    elif not question.is_required:
        choices.append(NO_ANSWER)
    return forms.ChoiceField(
        label=question.words,
        choices=choices,
        required=question.is_required,
        widget=forms.RadioSelect if is_short else forms.Select({"class": "tc-input"}),
        error_messages=MISSING,
    )


def _several(question: Question) -> forms.Field:
    return forms.MultipleChoiceField(
        label=question.words,
        choices=_numbered(question),
        required=question.is_required,
        widget=forms.CheckboxSelectMultiple,
        error_messages=MISSING,
    )


def _number(question: Question) -> forms.Field:
    return forms.FloatField(
        label=question.words,
        min_value=question.least,
        max_value=question.most,
        required=question.is_required,
        widget=forms.NumberInput({"class": "tc-input", "step": "any", "inputmode": "decimal"}),
        error_messages=MISSING,
    )


def _text(question: Question) -> forms.Field:
    return forms.CharField(
        label=question.words,
        required=question.is_required,
        widget=forms.Textarea({"class": "tc-input", "rows": 3, "lang": "es"}),
        error_messages=MISSING,
    )


MAKERS: dict[Kind, Callable[[Question], forms.Field]] = {
    Kind.ONE: _one_of,
    Kind.SEVERAL: _several,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
}

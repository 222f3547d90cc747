"""The completed surveys of an export: read once, and kept in a nameless file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.db.models.functions import Lower

from dataset.blotting import Blotter, Distinct
from dataset.columns import Answered, SurveyedSession
from dataset.identities import Pseudonyms, person_of
from dataset.questions import asked_in
from dataset.rows import AnsweredFacts, answered_surveys
from dataset.selection import Selection
from dataset.spool import RowSpool
from sessions_app.models import Participant, Session
from toastclub.clients import Waiting
from toastclub.folding import folded

NAMES_OF_ONE_PERSON = 10


class Answers:
    """What participants answered; who they are is blotted out, unless it is to be identifiable."""

    def __init__(self, pseudonyms: Pseudonyms, *, is_identifiable: bool) -> None:
        self._pseudonyms = pseudonyms
        self._is_identifiable = is_identifiable
        self._rows = RowSpool()
        self._naming: set[str] = set()  # questions that name who was asked
        self._names: dict[str, set[str]] = {}
        self._codes: set[str] = set()

    @property
    def count(self) -> int:
        return self._rows.count

    def gather(self, selection: Selection, waiting: Waiting) -> None:
        if not self._is_identifiable:
            self._names = _names_by_email()
            self._codes = _codes_without_digits()
        for survey in waiting.watched(answered_surveys(selection)):
            answers, naming = self._said(survey)
            self._naming |= naming.keys()
            session = [survey.session_id, survey.session_code]
            moments = [survey.created_at.isoformat(), survey.completed_at.isoformat()]
            self._rows.append([answers, naming, session, survey.id, moments])
        self._leave_those_of_everybody()

    def __iter__(self) -> Iterator[Answered]:
        for answers, naming, session, survey_id, (created_at, completed_at) in self._rows:
            names = {question: naming[question] for question in self._naming & naming.keys()}
            yield Answered(
                SurveyedSession(*session),
                survey_id,
                datetime.fromisoformat(created_at),
                datetime.fromisoformat(completed_at),
                self._pseudonyms,
                _renamed(answers, names) if names else answers,
            )

    def close(self) -> None:
        self._rows.close()

    def _said(self, survey: AnsweredFacts) -> tuple[dict[str, Any], dict[str, str]]:
        """The answers, and what the questions are to be called that name who was asked."""
        if self._is_identifiable:
            return survey.answers, {}
        blotter = Blotter(
            names={survey.name or "", *self._names.get(person_of(survey.email or ""), ())},
            age=survey.age,
            email=survey.email,
            session_code=survey.session_code,
            asked=asked_in(survey.questions, survey.answers),
            codes=self._codes,
        )
        return blotter.blotted(survey.answers), blotter.naming

    def _leave_those_of_everybody(self) -> None:
        """What people of another name were asked as well names nobody.

        A question that Luz alone has lost a word of would say what she is called.
        """
        if self._naming:
            for answers, naming, *_rest in self._rows:
                self._naming -= set(_questions_in(answers)) - naming.keys()


def _names_by_email() -> dict[str, set[str]]:
    """What those go by who have given several names, in several sessions.

    An address with many names is not one person's, but somebody's for all.
    """
    named = Participant.objects.exclude(email_opcional=None)
    named = named.annotate(person=Lower("email_opcional"))
    several = named.values("person").annotate(count=Count("nombre", distinct=True))
    people = several.filter(count__gt=1).values("person")
    names: dict[str, set[str]] = {}
    for email, name in named.filter(person__in=people).values_list("email_opcional", "nombre"):
        names.setdefault(person_of(email or ""), set()).add(folded(name))
    return {person: of_it for person, of_it in names.items() if len(of_it) <= NAMES_OF_ONE_PERSON}


def _codes_without_digits() -> set[str]:
    """Codes that cannot be told from words by their looks."""
    sessions = Session.objects.order_by().exclude(session_code__regex="[0-9]")
    return set(sessions.values_list("session_code", flat=True))


def _questions_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _questions_in(item)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    taken = Distinct()
    return {
        taken.take(names.get(question) or question): _renamed(answer, names)
        for question, answer in value.items()
    }

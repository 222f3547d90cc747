"""The surveys of a session, on its page: what was answered, and the form that is still empty."""

from typing import Any

from django.http import HttpRequest

from sessions_app.models import Session
from sessions_app.panels import Panel, register
from surveys.forms import SurveyForm
from surveys.models import Survey, is_awaited
from surveys.reading import Answered, answers_of

SURVEYS_SHOWN = 10


def surveys_panel(request: HttpRequest, session: Session) -> dict[str, Any]:
    """One query, however many surveys there are."""
    newest = list(session.surveys.order_by("-created_at", "-pk")[: SURVEYS_SHOWN + 1])
    surveys = newest[:SURVEYS_SHOWN][::-1]
    return {
        "session": session,
        "shown": [(survey, _read(survey)) for survey in surveys],
        "has_more": len(newest) > SURVEYS_SHOWN,
        "form": form_for(session, newest[::-1]),
    }


def form_for(session: Session, surveys: list[Survey], data: Any = None) -> SurveyForm | None:
    """The form for the answers that the session waits for, from its surveys, oldest first."""
    if not is_awaited(session, surveys):
        return None
    return SurveyForm(surveys[-1].questions if surveys else [], data)


def _read(survey: Survey) -> list[Answered]:
    return answers_of(survey) if survey.is_completed else []


register(
    Panel(
        name="encuestas",
        title="Encuestas",
        template="admin/surveys/panel.html",
        context=surveys_panel,
        permission="surveys.answer_survey",
        order=40,
    )
)

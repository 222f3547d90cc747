"""A list of the back office as a part of the dataset."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet

from dataset.selection import Selection
from recordings.models import Recording
from sessions_app.models import Participant, Session
from surveys.models import Survey

Rows = QuerySet[Any]
Filters = dict[str, str]


def _of_sessions(rows: Rows, filters: Filters) -> Selection:
    recordings = Recording.objects.filter(session__in=rows.values("pk"))
    return Selection(_each_once(rows), recordings, filters)


def _of_recordings(rows: Rows, filters: Filters) -> Selection:
    sessions = Session.objects.filter(pk__in=rows.values("session"))
    return Selection(sessions, _each_once(rows), filters)


def _of_what_is_of_sessions(rows: Rows, filters: Filters) -> Selection:
    recordings = Recording.objects.filter(session__in=rows.values("session"))
    return Selection(Session.objects.filter(pk__in=rows.values("session")), recordings, filters)


def _each_once(rows: Rows) -> Rows:
    """The same rows; of those that a filter may have found more than once, by their keys.

    A query that has to be made distinct compares all columns, the pages of texts among them.
    """
    if not rows.query.distinct:
        return rows
    model: Any = rows.model
    found: Rows = model.objects.filter(pk__in=rows.values("pk"))
    return found


class ExportedList(NamedTuple):
    select: Callable[[Rows, Filters], Selection]
    meaning: str  # what of the dataset its rows stand for


EXPORTED: dict[type[Model], ExportedList] = {
    Session: ExportedList(
        _of_sessions, "Estas sesiones, con todas sus grabaciones y sus encuestas completadas."
    ),
    Recording: ExportedList(
        _of_recordings,
        "Exactamente estas grabaciones, con sus sesiones y las encuestas completadas de ellas.",
    ),
    Survey: ExportedList(
        _of_what_is_of_sessions,
        "Las sesiones de estas encuestas, con todas sus grabaciones y sus encuestas completadas.",
    ),
    Participant: ExportedList(
        _of_what_is_of_sessions,
        "Las sesiones de estos participantes, con todas sus grabaciones y sus encuestas "
        "completadas.",
    ),
}


def selection_of(rows: Rows, filters: Filters) -> Selection:
    """What those rows of a list are in the dataset; `filters` say how they were found."""
    return EXPORTED[rows.model].select(rows.order_by().select_related(None), filters)

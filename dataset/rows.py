"""Sessions with what belongs to each, read together as three ordered streams.

However many sessions there are, it takes three queries and the memory of one session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from recordings.models import Recording
from sessions_app.models import Session
from surveys.models import Survey

ROWS_AT_A_TIME = 500

Row = TypeVar("Row", Recording, Survey)


@dataclass(frozen=True)
class SessionRow:
    session: Session
    recordings: list[Recording]
    surveys: list[Survey]  # completed ones, oldest first


def session_rows(
    sessions: QuerySet[Session],
    recordings: QuerySet[Recording] | None = None,
    surveys: QuerySet[Survey] | None = None,
) -> Iterator[SessionRow]:
    """`sessions` by id, each with its stored recordings and its completed surveys."""
    recordings = Recording.objects.all() if recordings is None else recordings
    surveys = Survey.objects.completed() if surveys is None else surveys
    recordings_of = _Merge(recordings.order_by("session_id", "pk"))
    surveys_of = _Merge(surveys.order_by("session_id", "created_at", "pk"))
    ordered = sessions.select_related("participant").order_by("pk")
    for session in ordered.iterator(chunk_size=ROWS_AT_A_TIME):
        yield SessionRow(session, recordings_of.take(session.pk), surveys_of.take(session.pk))


class _Merge(Generic[Row]):
    """A stream of rows ordered by session, taken session by session."""

    def __init__(self, rows: "QuerySet[Row]") -> None:
        self._rows: Iterator[Row] = rows.iterator(chunk_size=ROWS_AT_A_TIME)
        self._next: Any = next(self._rows, None)

    def take(self, session_id: int) -> list[Row]:
        taken: list[Row] = []
        while self._next is not None and self._next.session_id <= session_id:
            if self._next.session_id == session_id:
                taken.append(self._next)
            self._next = next(self._rows, None)
        return taken

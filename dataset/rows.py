"""Sessions with what belongs to each, read together as three ordered streams.

However many sessions there are, it takes three queries and the memory of one session.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dataset.selection import Selection
from recordings.models import Recording
from sessions_app.models import Session
from surveys.models import Survey

ROWS_AT_A_TIME = 500

Row = TypeVar("Row")


@dataclass(frozen=True)
class SessionRow:
    session: Session
    recordings: list[Recording]
    surveys: list[Survey]  # completed ones, oldest first


def session_rows(selection: Selection) -> Iterator[SessionRow]:
    """The selected sessions by id, each with its stored recordings and its completed surveys."""
    recordings = recordings_in_order(selection)
    surveys = surveys_in_order(selection)
    recordings_of = Merge(recordings.iterator(ROWS_AT_A_TIME), _session_id)
    surveys_of = Merge(surveys.iterator(ROWS_AT_A_TIME), _session_id)
    for session in sessions_in_order(selection).iterator(ROWS_AT_A_TIME):
        yield SessionRow(session, recordings_of.take(session.pk), surveys_of.take(session.pk))


def sessions_in_order(selection: Selection) -> Any:
    return selection.sessions.select_related("participant").order_by("pk")


def recordings_in_order(selection: Selection) -> Any:
    return selection.recordings.order_by("session_id", "pk")


def surveys_in_order(selection: Selection) -> Any:
    surveys = Survey.objects.completed().order_by("session_id", "created_at", "pk")
    if selection.filters:
        surveys = surveys.filter(session__in=selection.sessions.order_by().values("pk"))
    return surveys


class Merge(Generic[Row]):
    """A stream of rows ordered by session, taken session by session."""

    def __init__(self, rows: Iterable[Row], session_of: Callable[[Row], int]) -> None:
        self._rows = iter(rows)
        self._session_of = session_of
        self._next = next(self._rows, None)

    def take(self, session_id: int) -> list[Row]:
        taken: list[Row] = []
        while self._next is not None and self._session_of(self._next) <= session_id:
            if self._session_of(self._next) == session_id:
                taken.append(self._next)
            self._next = next(self._rows, None)
        return taken


def _session_id(row: Any) -> int:
    number: int = row.session_id
    return number

"""Sessions with what belongs to each, read together as three ordered streams.

However many sessions there are, it takes three queries and the memory of one session. Rows are
plain values: making models of them would take several times as long.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from dataset.selection import Selection
from surveys.models import Survey

ROWS_AT_A_TIME = 500

Row = TypeVar("Row")


class SessionFacts(NamedTuple):
    """`name`, `age` and `email` are None where the participant gave none or was erased."""

    id: int
    session_code: str
    estado: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    text_id: str
    text_title: str
    text_tags: dict[str, str]
    name: str | None
    age: int | None
    email: str | None
    text_pages: list[list[str]] | None = None


class RecordingFacts(NamedTuple):
    session_id: int
    id: int
    audio: str
    formato: str
    duracion_segundos: float | None
    uploaded_at: datetime
    file_size: int | None
    sha256: str | None
    contenedor: str | None
    codec: str | None
    frecuencia_hz: int | None
    canales: int | None
    pico_dbfs: float | None
    rms_dbfs: float | None
    proporcion_saturada: float | None
    proporcion_silencio: float | None
    avisos: list[str]
    review_state: str
    review_reason: str


class SurveyFacts(NamedTuple):
    session_id: int
    id: int
    completed_at: datetime


class SessionRow(NamedTuple):
    session: SessionFacts
    recordings: list[RecordingFacts]
    surveys: list[SurveyFacts]  # completed ones, oldest first


class AnsweredFacts(NamedTuple):
    """A completed survey; who gave it is None as in a session."""

    session_id: int
    session_code: str
    name: str | None
    age: int | None
    email: str | None
    id: int
    created_at: datetime
    completed_at: datetime
    answers: dict[str, Any]
    questions: list[Any]


SESSION_COLUMNS = (
    *SessionFacts._fields[:9],
    "participant__nombre",
    "participant__edad_aproximada",
    "participant__email_opcional",
)
PAGES = "text_pages"
ANSWERED_COLUMNS = (
    "session_id",
    "session__session_code",
    "session__participant__nombre",
    "session__participant__edad_aproximada",
    "session__participant__email_opcional",
    "id",
    "created_at",
    "completed_at",
    "respuestas_json",
    "questions",
)


def session_rows(selection: Selection, *, with_pages: bool = False) -> Iterator[SessionRow]:
    """The selected sessions by id, each with its stored recordings and its completed surveys."""
    recordings = recordings_in_order(selection).values_list(*RecordingFacts._fields)
    surveys = surveys_in_order(selection).values_list(*SurveyFacts._fields)
    recordings_of = Merge(_made(RecordingFacts, recordings), _session_id)
    surveys_of = Merge(_made(SurveyFacts, surveys), _session_id)
    for session in sessions(selection, with_pages=with_pages):
        yield SessionRow(session, recordings_of.take(session.id), surveys_of.take(session.id))


def sessions(selection: Selection, *, with_pages: bool = False) -> Iterator[SessionFacts]:
    columns = (*SESSION_COLUMNS, PAGES) if with_pages else SESSION_COLUMNS
    return _made(SessionFacts, sessions_in_order(selection).values_list(*columns))


def answered_surveys(selection: Selection) -> Iterator[AnsweredFacts]:
    """The completed surveys of the selected sessions, by session."""
    return _made(AnsweredFacts, surveys_in_order(selection).values_list(*ANSWERED_COLUMNS))


def sessions_in_order(selection: Selection) -> Any:
    return selection.sessions.order_by("pk")


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


def _made(facts: Any, rows: Any) -> Iterator[Any]:
    return (facts(*row) for row in rows.iterator(ROWS_AT_A_TIME))


def _session_id(row: Any) -> int:
    number: int = row.session_id
    return number

"""The sessions of today as a board: what each is doing, and which are stuck."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Case, Count, FilteredRelation, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.safestring import SafeString

from dataset.today.stuck import allowance
from recordings.choices import AVISO_NAMES
from sessions_app.badges import estado_badge
from sessions_app.choices import Estado
from sessions_app.models import Session, SessionEvent
from toastclub.filters import first_instant

SHOWN = 200  # sessions: more than several classrooms have in a day
DAYS_BACK = 7
# Begun and not ended: of earlier days, these are still to be seen to.
HALFWAY = (
    Estado.READY_TO_START,
    Estado.RUNNING,
    Estado.AUDIO_UPLOADED,
    Estado.SURVEY_PENDING,
)


@dataclass(frozen=True)
class Line:
    """A session on the board: what is shown of it, and nothing else."""

    number: int
    code: str
    participant: str  # empty once their data were erased
    text: str
    estado: Estado
    since: datetime  # when it came into that state
    allowed: timedelta | None  # in that state; None for ever
    takes: int
    avisos: tuple[str, ...]  # of all its takes, in a word each
    is_stuck: bool
    is_left_over: bool  # stuck since an earlier day

    @property
    def badge(self) -> SafeString:
        return estado_badge(self.estado)


@dataclass(frozen=True)
class Board:
    """What is shown of a day's sessions, the newest first."""

    day: date
    lines: tuple[Line, ...]
    counts: dict[Estado, int]  # of the day's, with those that are too many to be shown

    @property
    def stuck(self) -> list[Line]:
        """Those of today before those of earlier days."""
        stuck = (line for line in self.lines if line.is_stuck)
        return sorted(stuck, key=lambda line: line.is_left_over)

    @property
    def going_on(self) -> list[Line]:
        return [line for line in self._of_today if line.estado != Estado.COMPLETED]

    @property
    def completed(self) -> list[Line]:
        return [line for line in self._of_today if line.estado == Estado.COMPLETED]

    @property
    def states(self) -> list[tuple[Estado, int]]:
        return [(estado, self.counts.get(estado, 0)) for estado in Estado]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_cut(self) -> bool:
        return self.total > len(self._of_today)

    @property
    def _of_today(self) -> list[Line]:
        return [line for line in self.lines if not line.is_left_over]


class _Row(NamedTuple):
    """A session beside one of its stored takes, or beside none."""

    number: int
    code: str
    participant: str | None
    text: str
    words: int
    estado: str
    created_at: datetime
    erased_at: datetime | None
    moved_at: datetime
    take: int | None
    avisos: list[str] | None


_COLUMNS = (
    "pk",
    "session_code",
    "participant__nombre",
    "text_title",
    "text_words",
    "estado",
    "created_at",
    "erased_at",
    "moved_at",
    "stored__pk",
    "stored__avisos",
)


def read_board(sessions: QuerySet[Session], now: datetime, *, with_avisos: bool) -> Board:
    """The board of those sessions on the day that it is in the project's zone."""
    day = timezone.localdate(now)
    rows = map(_Row._make, _rows(sessions, day))
    lines = [
        _line(list(of_session), now, with_avisos=with_avisos)
        for _number, of_session in groupby(rows, key=lambda row: row.number)
    ]
    if len(lines) > SHOWN:
        return Board(day, tuple(lines[:SHOWN]), _counts(sessions, day))
    counts = Counter(line.estado for line in lines if not line.is_left_over)
    return Board(day, tuple(lines), dict(sorted(counts.items())))


def _rows(sessions: QuerySet[Session], day: date) -> QuerySet[Session, Any]:
    """Those shown and one more, if there are more, each once a take."""
    order: list[Any] = [
        Case(When(estado=Estado.COMPLETED, then=1), default=0),
        "-created_at",
        "-pk",
    ]
    shown = _on_board(sessions, day).order_by(*order)[: SHOWN + 1]
    return (
        Session.objects.filter(pk__in=shown.values("pk"))
        .annotate(
            moved_at=_moved_at(),
            stored=FilteredRelation(
                "recordings", condition=Q(recordings__uploaded_at__isnull=False)
            ),
        )
        .order_by(*order, "stored__pk")
        .values_list(*_COLUMNS)
    )


def _on_board(sessions: QuerySet[Session], day: date) -> QuerySet[Session]:
    """Of those made in the last days: made or completed on this one, or left halfway."""
    midnight, first = first_instant(day), first_instant(day - timedelta(days=DAYS_BACK))
    return sessions.filter(
        Q(created_at__gte=midnight)
        | Q(completed_at__gte=midnight)
        | Q(estado__in=HALFWAY, erased_at=None),
        created_at__gte=first,
    )


def _moved_at() -> Coalesce:
    events = SessionEvent.objects.filter(session=OuterRef("pk")).order_by("-pk")
    return Coalesce(Subquery(events.values("at")[:1]), "created_at")


def _counts(sessions: QuerySet[Session], day: date) -> dict[Estado, int]:
    """How many of the day's sessions are in each state, where they are too many to be read."""
    midnight = first_instant(day)
    of_today = Q(created_at__gte=midnight) | Q(moved_at__gte=midnight)
    counted = (
        _on_board(sessions, day)
        .annotate(moved_at=_moved_at())
        .filter(of_today)
        .order_by("estado")
        .values_list("estado")
        .annotate(sessions=Count("pk"))
    )
    return {Estado(estado): count for estado, count in counted}


def _line(rows: list[_Row], now: datetime, *, with_avisos: bool) -> Line:
    row = rows[0]
    estado = Estado(row.estado)
    allowed = None if row.erased_at else allowance(estado, row.words)
    is_stuck = allowed is not None and now - row.moved_at > allowed
    takes = [take for take in rows if take.take is not None]
    warned = {code for take in takes for code in take.avisos or ()} if with_avisos else set()
    return Line(
        number=row.number,
        code=row.code,
        participant=row.participant or "",
        text=row.text,
        estado=estado,
        since=row.moved_at,
        allowed=allowed,
        takes=len(takes),
        avisos=tuple(name for aviso, name in AVISO_NAMES.items() if aviso in warned),
        is_stuck=is_stuck,
        is_left_over=is_stuck and not _is_of_today(row, now),
    )


def _is_of_today(row: _Row, now: datetime) -> bool:
    return timezone.localdate(max(row.created_at, row.moved_at)) == timezone.localdate(now)

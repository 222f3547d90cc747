"""What the database counts of sessions and recordings. No page of a text is read for it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import (
    Case,
    Count,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Min,
    Q,
    Sum,
    When,
)
from django.db.models.functions import Cast, Floor, Least
from django.utils import timezone

from dataset.figures.period import Period
from recordings.choices import Aviso
from recordings.models import Recording
from sessions_app.choices import Estado
from sessions_app.models import Session
from training.models import Text

# Nobody speaks for longer than a day; a client may claim so.
LONGEST = 86_400  # seconds
FASTEST = 300  # words a minute; whoever claims to be faster is counted there

IS_TIMED = Q(duracion_segundos__lte=LONGEST)
# With any other warning it is not known that the text was read to its end.
IS_WHOLE = Q(avisos=[]) | Q(avisos=[Aviso.SATURADO.value])


@dataclass
class SessionCounts:
    created: Counter[date] = field(default_factory=Counter)
    completed: Counter[date] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)  # of those created

    @property
    def reached(self) -> Iterator[tuple[Estado, int, int]]:
        """Each state, how many got there, and how many of these have stopped there."""
        left = self.states.total()
        for estado in Estado:
            yield estado, left, self.states[estado]
            left -= self.states[estado]


@dataclass
class TakeCounts:
    takes: Counter[date] = field(default_factory=Counter)
    seconds: Counter[date] = field(default_factory=Counter)
    avisos: Counter[str] = field(default_factory=Counter)
    without_avisos: int = 0
    unprocessed: int = 0
    untimed: int = 0


@dataclass
class TextCounts:
    """The takes of a text, and of those that were read to the end, at what pace."""

    title: str = ""
    takes: int = 0
    paces: Counter[float] = field(default_factory=Counter)  # words a minute


def earliest_day() -> date | None:
    moment = Session.objects.aggregate(moment=Min("created_at"))["moment"]
    return timezone.localdate(moment) if moment else None


def count_sessions(period: Period) -> SessionCounts:
    """Those created in the period, and beside them those completed in it, whenever created."""
    counts = SessionCounts()
    created = period.rows(Session.objects.all(), "created_at")
    for step, estado, count in created.values_list(period.step_of("created_at"), "estado").annotate(
        sessions=Count("pk")
    ):
        counts.created[step] += count
        counts.states[estado] += count
    completed = period.rows(Session.objects.all(), "completed_at")
    counts.completed.update(
        dict(completed.values_list(period.step_of("completed_at")).annotate(sessions=Count("pk")))
    )
    return counts


def count_takes(period: Period) -> TakeCounts:
    counts = TakeCounts()
    takes = period.rows(Recording.objects.all(), "uploaded_at")
    for step, avisos, is_processed, count, timed, seconds in takes.values_list(
        period.step_of("uploaded_at"), "avisos", "is_processed"
    ).annotate(
        takes=Count("pk"),
        timed=Count("pk", filter=IS_TIMED),
        seconds=Sum("duracion_segundos", filter=IS_TIMED, default=0.0),
    ):
        counts.takes[step] += count
        counts.seconds[step] += seconds
        counts.untimed += count - timed
        counts.avisos.update(dict.fromkeys(avisos, count))
        if not is_processed:
            counts.unprocessed += count
        elif not avisos:
            counts.without_avisos += count
    return counts


def count_texts(period: Period) -> list[TextCounts]:
    """By text as it is called now, those with most takes first."""
    texts: dict[str, TextCounts] = {}
    takes = period.rows(Recording.objects.all(), "uploaded_at")
    for text_id, pace, count in takes.values_list("session__text_id", _pace()).annotate(
        takes=Count("pk")
    ):
        counts = texts.setdefault(text_id, TextCounts())
        counts.takes += count
        if pace is not None:
            counts.paces[pace] += count
    for text_id, title in Text.objects.filter(pk__in=texts).values_list("pk", "title"):
        texts[text_id].title = title
    return sorted(texts.values(), key=lambda text: (-text.takes, text.title))


def _pace() -> Case:
    """Whole words a minute, of the text as that session read it; null where nobody knows."""
    words = ExpressionWrapper(
        F("session__text_words") * 60.0 / F("duracion_segundos"), output_field=FloatField()
    )
    is_long_enough = Q(duracion_segundos__gte=settings.RECORDING_SECONDS_MIN)
    is_known = IS_TIMED & is_long_enough & IS_WHOLE & Q(session__text_words__gt=0)
    return Case(
        When(is_known, then=Cast(Least(Floor(words), float(FASTEST)), IntegerField())),
        output_field=IntegerField(),
    )

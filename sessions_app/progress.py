"""How far a session has come: its stays in each state, and the step that is next."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils import timezone

from sessions_app.choices import MOVE_WORDS, NEXT_ESTADO, ActorKind, Estado
from sessions_app.models import Session

NO_RECORDING = "Todavía no ha llegado ninguna grabación de esta sesión."
NO_SURVEY = "Todavía no hay ninguna encuesta de esta sesión, y una completada no admite más."


class Stay(NamedTuple):
    """The time a session was in one state; still is, if it has no end."""

    estado: Estado
    since: datetime
    until: datetime | None
    brought_by: ActorKind
    email: str  # of the account that brought it there
    event_id: int | None  # None for its creation

    @property
    def lasted(self) -> timedelta:
        return (self.until or timezone.now()) - self.since


class Step(NamedTuple):
    """One of the six states, and when it was reached."""

    label: str
    reached_at: datetime | None
    is_current: bool


class Remedy(NamedTuple):
    words: str
    address: str


class NextStep(NamedTuple):
    """With a warning it has to be confirmed; a remedy leads to what should be done before."""

    estado: Estado
    words: str
    warning: str = ""
    remedy: Remedy | None = None


FILL_IN = Remedy("Rellenar la encuesta", "#encuestas")


def stays_of(session: Session) -> list[Stay]:
    """From the session's creation on; the last one is where it is now."""
    entries = [*_entries(session), None]
    return [
        entry._replace(until=following.since if following else None)
        for entry, following in pairwise(entries)
        if entry is not None
    ]


def _entries(session: Session) -> Iterator[Stay]:
    creator = session.user.email if session.user else ""
    yield Stay(Estado.CREATED, session.created_at, None, ActorKind.USER, creator, None)
    for event in session.events.all():
        kind = ActorKind(event.actor_kind)
        yield Stay(Estado(event.to_estado), event.at, None, kind, event.user_email, event.pk)


def steps_of(stays: list[Stay]) -> list[Step]:
    reached = {stay.estado: stay.since for stay in stays}
    current = stays[-1].estado
    return [Step(estado.label, reached.get(estado), estado == current) for estado in Estado]


def next_step_of(session: Any) -> NextStep | None:
    """The only step that is allowed, of a session that `with_details` found."""
    estado = NEXT_ESTADO.get(session.estado)
    if estado is None:
        return None
    step = NextStep(estado, MOVE_WORDS[estado])
    if estado == Estado.AUDIO_UPLOADED and session.recording_id is None:
        return step._replace(warning=NO_RECORDING)
    if estado == Estado.COMPLETED and session.survey_id is None:
        return step._replace(warning=NO_SURVEY, remedy=FILL_IN)
    return step

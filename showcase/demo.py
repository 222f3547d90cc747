"""Three weeks of a workshop, and a lesson that is under way.

All of it is made by the application's own methods.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.core.files.base import File
from django.db.models import Model
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from dataset import releases
from dataset.models import Release
from dataset.people import erasure as erasing
from recordings.choices import Aviso, Motivo, Revision
from recordings.models import Recording
from recordings.receiving import checksums_of
from recordings.services import store_recording
from sessions_app.actors import Actor
from sessions_app.choices import ActorKind, Estado
from sessions_app.models import Participant, Session
from showcase import people, voices
from showcase.clock import Clock, own_clock
from surveys.models import Survey
from toastclub.testing.pages import Page, newest_rows
from training.models import Text

DAYS = 21
HEADSET = Actor(ActorKind.HEADSET)
SPOKEN = 135  # words a minute, as people read aloud

# How far a session has come, in the order in which it goes there.
STAGES = [Estado.CREATED, Estado.READY_TO_START, Estado.RUNNING, Estado.AUDIO_UPLOADED]
STAGES += [Estado.SURVEY_PENDING, Estado.COMPLETED]

HALFWAY = [
    ("sesiones-codigo", Estado.CREATED, "/admin/sessions_app/session/{}/change/"),
    ("encuestas-formulario", Estado.SURVEY_PENDING, "/admin/surveys/survey/answer/{}/"),
]
REASONS = {
    Aviso.SILENCIO: Motivo.SILENCIO,
    Aviso.SATURADO: Motivo.SATURADA,
    Aviso.MUY_CORTO: Motivo.CORTADA,
    Aviso.TRUNCADO: Motivo.CORTADA,
}
MINUTES_TO_COME = dict(zip(STAGES, [0, 2, 5, 12, 15, 18], strict=True))

# Today's lesson: how far each of them is, and for how many minutes.
LESSON = [
    (Estado.COMPLETED, 21),
    (Estado.COMPLETED, 14),
    (Estado.COMPLETED, 6),
    (Estado.SURVEY_PENDING, 4),
    (Estado.SURVEY_PENDING, 27),
    (Estado.AUDIO_UPLOADED, 2),
    (Estado.RUNNING, 3),
    (Estado.RUNNING, 5),
    (Estado.RUNNING, 31),
    (Estado.READY_TO_START, 1),
    (Estado.READY_TO_START, 12),
    (Estado.CREATED, 2),
]


Voice = Callable[[Random, float], bytes]


@dataclass
class Workshop:
    clock: Clock
    random: Random
    facilitators: list[User]
    texts: list[Text]
    folder: Path
    count: int = 0

    def session(
        self, begins: datetime, stage: Estado, voice: Voice, *, ends: datetime | None = None
    ) -> Session:
        """One that began then and has come to that stage, at a moment if one is given."""
        self.clock.set(begins)
        self.count += 1
        session: Session = Session.objects.start(
            text=self.random.choice(self.texts),
            participant=people.participant(self.count * 5),
            user=self.random.choice(self.facilitators),
        )
        for estado in STAGES[1 : STAGES.index(stage) + 1]:
            self.clock.advance(seconds=self._seconds_until(estado, session))
            if ends and estado == stage:
                self.clock.set(ends)
            self._lead(session, estado, voice)
        return session

    def _lead(self, session: Session, estado: Estado, voice: Voice) -> None:
        if estado == Estado.AUDIO_UPLOADED:
            spoken = (self.clock.moment - session.started_at).total_seconds()
            store(session, voice(self.random, spoken - 10), self.folder)
        elif estado == Estado.COMPLETED:
            Survey.objects.submit(session, by=HEADSET, answers=people.answers(self.random))
        else:
            session.transition_to(estado, by=Actor(ActorKind.USER, session.user))

    def _seconds_until(self, estado: Estado, session: Session) -> float:
        if estado != Estado.AUDIO_UPLOADED:
            return self.random.uniform(20, 150)
        words = sum(len(line.split()) for page in session.text_pages for line in page)
        return words / SPOKEN * 60 * self.random.uniform(0.75, 1.25)


def store(session: Session, content: bytes, folder: Path) -> None:
    """Stores a take as an upload does."""
    path = folder / "voz.wav"
    path.write_bytes(content)
    checksums = checksums_of([content])
    with path.open("rb") as file:
        store_recording(
            session,
            path,
            checksums,
            content_type="audio/wav",
            place=lambda pending: pending.put(File(file)),
            by=HEADSET,
        )


def read_well(random: Random, seconds: float) -> bytes:
    return voices.wav(voices.reading(random, seconds=seconds))


def read_softly(random: Random, seconds: float) -> bytes:
    return voices.wav(voices.reading(random, seconds=seconds, loudness=0.25))


def said_nothing(random: Random, seconds: float) -> bytes:
    return voices.wav(voices.silence(random, seconds=seconds / 3))


def shouted(random: Random, seconds: float) -> bytes:
    return voices.wav(voices.overdriven(voices.reading(random, seconds=seconds)))


def stopped_at_once(random: Random, seconds: float) -> bytes:
    return voices.wav(voices.reading(random, seconds=0.1)[: voices.RATE // 2])


def broke_off(random: Random, seconds: float) -> bytes:
    whole = voices.wav(voices.reading(random, seconds=seconds))
    return whole[: len(whole) * 2 // 3]


VOICES = [read_well] * 12 + [read_softly, said_nothing, shouted, stopped_at_once, broke_off]


def fill(seed: int = 7) -> None:
    """Fills an installation that `prepare_local` has prepared."""
    with own_clock() as clock, tempfile.TemporaryDirectory() as folder:
        now = clock.moment
        clock.set(now - timedelta(days=DAYS + 1))
        facilitators = [_account(name, Role.IMPULSADOR) for name in people.FACILITATORS]
        analysts = [_account(name, Role.ANALISTA) for name in people.ANALYSTS]
        workshop = Workshop(
            clock, Random(seed), facilitators, list(Text.objects.order_by("pk")), Path(folder)
        )
        _weeks(workshop, now)
        _reviews(workshop, analysts, now - timedelta(days=3))
        _release(workshop, analysts[0], now - timedelta(days=2))
        _erasure(workshop, analysts[0], now - timedelta(days=1))
        _lesson(workshop, now)


def _account(name: str, role: Role) -> User:
    first, last = name.lower().split()[:2]
    address = f"{first}.{last}@toastclub.example".translate(str.maketrans("áéíóúüñ", "aeiouun"))
    user: User = User.objects.create_user(
        email=address,
        password=None,
        name=name,
        role=role,
        may_erase_people=name == people.ANALYSTS[0],
    )
    return user


def _weeks(workshop: Workshop, now: datetime) -> None:
    """Every working day one to three sessions, most of which come to their end."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(DAYS, 0, -1):
        day = today - timedelta(days=days)
        if day.weekday() < 5:
            for _session in range(workshop.random.choice([1, 2, 2, 3])):
                _past_session(workshop, day)


def _past_session(workshop: Workshop, day: datetime) -> None:
    random = workshop.random
    begins = day + timedelta(minutes=random.randrange(9 * 60, 19 * 60))
    stage = random.choices(STAGES, [2, 1, 2, 1, 3, 18])[0]
    workshop.session(begins, stage, random.choice(VOICES))


def _reviews(workshop: Workshop, analysts: list[User], moment: datetime) -> None:
    """They have listened to most of what there was by then, in the order in which it came."""
    workshop.clock.set(moment)
    takes = list(Recording.objects.filter(uploaded_at__lt=moment).order_by("uploaded_at"))
    for take in takes[: len(takes) * 4 // 5]:
        workshop.clock.advance(minutes=workshop.random.uniform(2, 8))
        take.review(**_verdict(workshop.random, take), by=workshop.random.choice(analysts))


def _verdict(random: Random, take: Recording) -> dict[str, str]:
    if take.avisos:
        return {"state": Revision.RECHAZADA, "reason": REASONS[take.avisos[0]]}
    if random.random() < 0.2:
        note = "Se oye la calle a partir del segundo minuto."
        return {"state": Revision.CON_PROBLEMAS, "reason": Motivo.RUIDO, "note": note}
    return {"state": Revision.ACEPTADA}


def _release(workshop: Workshop, analyst: User, moment: datetime) -> None:
    workshop.clock.set(moment)
    release = Release.objects.wanted(who=analyst.email)
    releases.build(release.number)


def _erasure(workshop: Workshop, analyst: User, moment: datetime) -> None:
    """Somebody who took part in the first week did not want to be kept."""
    workshop.clock.set(moment)
    first = Session.objects.filter(estado=Estado.COMPLETED).earliest("completed_at")
    erasure = erasing.begin([first.pk], by=analyst, address="203.0.113.7")
    erasing.carry_on(erasure)


def _lesson(workshop: Workshop, now: datetime) -> None:
    for stage, minutes in LESSON:
        ends = now - timedelta(minutes=minutes)
        begins = ends - timedelta(minutes=MINUTES_TO_COME[stage])
        voice = shouted if stage == Estado.AUDIO_UPLOADED else read_well
        workshop.session(begins, stage, voice, ends=ends)


def rows(user: User) -> dict[type[Model], Model | None]:
    """The rows that pages are shown with: of that user's newest session with a good end."""
    ended = Session.objects.listed_for(user).filter(estado=Estado.COMPLETED)
    recording = Recording.objects.filter(avisos=[], session__in=ended).latest("uploaded_at")
    session = recording.session
    return {
        **newest_rows(),
        Session: session,
        Participant: session.participant,
        Recording: recording,
        Survey: session.surveys.latest("completed_at"),
    }


def halfway_pages(user: User) -> Iterator[Page]:
    """Pages that show most of a session that is not at its end: of that user's newest such one."""
    for name, estado, address in HALFWAY:
        found = Session.objects.listed_for(user).filter(estado=estado).order_by("-pk").first()
        if found is not None:
            yield Page(name, address.format(found.pk))

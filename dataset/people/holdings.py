"""All that is held about some sessions, as the database has it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import AccessRecord
from dataset.people.finding import sessions_with_takes
from dataset.people.releases import held_by_releases
from recordings.models import Recording, ResumableUpload
from sessions_app.models import Session
from surveys.models import Survey

CHOSEN_AT_MOST = 200  # sessions


@dataclass(frozen=True)
class Holdings:
    """What a page says of it: each part is read when it is asked for."""

    sessions: list[Session]

    @property
    def numbers(self) -> list[int]:
        return [session.pk for session in self.sessions]

    @property
    def recordings(self) -> QuerySet[Recording]:
        return self._of_sessions(Recording.objects.order_by("session_id", "pk"))

    @property
    def surveys(self) -> QuerySet[Survey]:
        return self._of_sessions(Survey.objects.order_by("session_id", "created_at", "pk"))

    @property
    def open_uploads(self) -> QuerySet[ResumableUpload]:
        return self._of_sessions(ResumableUpload.objects.open())

    @property
    def accesses(self) -> QuerySet[AccessRecord]:
        """Newest first."""
        return AccessRecord.objects.about_sessions(self.numbers)

    @property
    def releases(self) -> list[dict[str, Any]]:
        return held_by_releases(self.numbers)

    def _of_sessions(self, rows: Any) -> Any:
        return rows.filter(session__in=self.numbers)


def holdings_of(numbers: Sequence[int]) -> Holdings:
    """Those sessions of them that are there and were not erased."""
    chosen = numbers[:CHOSEN_AT_MOST]
    return Holdings(list(sessions_with_takes().filter(pk__in=chosen).order_by("pk")))


def whole_sessions(numbers: Sequence[int]) -> list[Session]:
    """The same with everything that belongs to them, recordings that are arriving included."""
    recordings = Recording.with_pending.prefetch_related("reviews__user").order_by("pk")
    return list(
        Session.objects.filter(pk__in=numbers)
        .select_related("participant", "user")
        .prefetch_related(
            "events__user",
            Prefetch("recordings", recordings),
            Prefetch("surveys", Survey.objects.select_related("user").order_by("created_at", "pk")),
            "uploads",
            "upload_keys",
        )
        .order_by("pk")
    )


def accesses_to(numbers: Sequence[int]) -> dict[int, list[AccessRecord]]:
    """What was noted of each session, oldest first."""
    noted: dict[int, list[AccessRecord]] = defaultdict(list)
    for access in AccessRecord.objects.about_sessions(numbers).order_by("pk"):
        for number in access.shown_sessions:
            noted[number].append(access)
    return noted

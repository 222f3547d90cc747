"""All that is held about some sessions, as the database has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import AccessRecord, User
from dataset.people.finding import sessions_with_takes
from dataset.people.releases import held_by_releases
from recordings.models import Recording, ResumableUpload
from sessions_app.models import Session
from surveys.models import Survey

CHOSEN_AT_MOST = 200  # sessions


@dataclass(frozen=True)
class Holdings:
    """Each is read when it is first asked for."""

    numbers: Sequence[int]
    sessions: list[Session]

    @property
    def recordings(self) -> QuerySet[Recording]:
        """Also those that are still arriving."""
        return self._of_sessions(Recording.with_pending.order_by("session_id", "pk"))

    @property
    def surveys(self) -> QuerySet[Survey]:
        return self._of_sessions(Survey.objects.order_by("session_id", "created_at", "pk"))

    @property
    def open_uploads(self) -> QuerySet[ResumableUpload]:
        return self._of_sessions(ResumableUpload.objects.open().order_by("session_id", "created_at"))

    @property
    def accesses(self) -> QuerySet[AccessRecord]:
        """Newest first."""
        return AccessRecord.objects.filter(session_number__in=self.numbers).order_by("-pk")

    @property
    def releases(self) -> list[dict[str, Any]]:
        return held_by_releases(self.numbers)

    def _of_sessions(self, rows: Any) -> Any:
        return rows.filter(session__in=self.numbers)


def holdings_of(numbers: Sequence[int]) -> Holdings:
    """What is held about those sessions that are there and were not erased."""
    sessions = sessions_with_takes().filter(pk__in=numbers[:CHOSEN_AT_MOST]).order_by("pk")
    found = list(sessions)
    return Holdings([session.pk for session in found], found)


def roles_in(accesses: Sequence[AccessRecord]) -> dict[int, str]:
    """The role of each account, by its number."""
    numbers = {access.user_number for access in accesses if access.user_number is not None}
    users = User.objects.filter(Q(pk__in=numbers))
    return {user.pk: user.get_role_display() for user in users.only("pk", "role")}

"""The recordings that nobody has listened to yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from recordings.models import Recording

COUNTED = 100  # of more it is only said that they are more
LISTED = 5


class WaitingTake(NamedTuple):
    number: int
    session_number: int
    participant: str | None  # None once their data were erased
    text: str
    uploaded_at: datetime


@dataclass(frozen=True)
class Waiting:
    """How many there are, and those that have waited for longest."""

    count: int
    oldest: tuple[WaitingTake, ...]

    @property
    def counted(self) -> int:
        return min(self.count, COUNTED)

    @property
    def are_more(self) -> bool:
        return self.count > COUNTED


def read_waiting() -> Waiting:
    takes = (
        Recording.objects.awaiting_review()
        .order_by("uploaded_at", "pk")
        .values_list(
            "pk",
            "session_id",
            "session__participant__nombre",
            "session__text_title",
            "uploaded_at",
        )
    )[: COUNTED + 1]
    read = [WaitingTake._make(take) for take in takes]
    return Waiting(len(read), tuple(read[:LISTED]))

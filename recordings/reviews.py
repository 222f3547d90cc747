"""Reviewing recordings: the one way in, for one of them and for many."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from recordings.models import Recording, RecordingReview
from toastclub.errors import ToastClubError


@dataclass
class Reviewed:
    """What became of several recordings that were reviewed together."""

    changed: int = 0
    unchanged: int = 0  # had been decided so before
    refused: dict[int, str] = field(default_factory=dict)  # number → why


def review_recording(
    recording: Recording,
    state: str,
    *,
    by: User,
    address: str,
    reason: str = "",
    note: str = "",
    seen: int | None = None,
) -> RecordingReview | None:
    """Decides about a recording and notes it in the log of accesses; None if it was decided so.

    Raises `InvalidReview`, `ReviewedMeanwhile` or `RecordingGone`.
    """
    with transaction.atomic():
        review = recording.review(state, by=by, reason=reason, note=note, seen=seen)
        if review is not None:
            AccessRecord.objects.note(
                AccessKind.REVIEW,
                by=by,
                address=address,
                session_number=recording.session_id,
                recording_number=recording.pk,
                state=state,
                reason=reason,
            )
    return review


def review_each(
    recordings: Iterable[Recording],
    state: str,
    *,
    by: User,
    address: str,
    reason: str = "",
    note: str = "",
) -> Reviewed:
    """Decides the same about each; that one is refused is no reason not to review the others."""
    done = Reviewed()
    for recording in recordings:
        try:
            review = review_recording(
                recording, state, by=by, address=address, reason=reason, note=note
            )
        except ToastClubError as error:
            done.refused[recording.pk] = error.detail
            continue
        done.changed += review is not None
        done.unchanged += review is None
    return done

"""Reviewing recordings: the one way in, for one of them and for many."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from recordings.models import Recording
from toastclub.errors import ToastClubError


@dataclass
class Reviewed:
    """What became of several recordings that were reviewed together."""

    changed: int = 0
    unchanged: int = 0  # had been decided so before
    refused: dict[int, str] = field(default_factory=dict)  # number → why


def review_recording(
    recording: Recording, state: str, *, by: User, address: str, reason: str = "", note: str = ""
) -> bool:
    """Decides about a recording and notes it in the log of accesses; False if it was decided so.

    Raises `InvalidReview` or `RecordingGone`.
    """
    with transaction.atomic():
        is_changed = recording.review(state, by=by, reason=reason, note=note)
        if is_changed:
            AccessRecord.objects.note(
                AccessKind.REVIEW,
                by=by,
                address=address,
                session_number=recording.session_id,
                recording_number=recording.pk,
                state=state,
                reason=reason,
            )
    return is_changed


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
            is_changed = review_recording(
                recording, state, by=by, address=address, reason=reason, note=note
            )
        except ToastClubError as error:
            done.refused[recording.pk] = error.detail
            continue
        done.changed += is_changed
        done.unchanged += not is_changed
    return done

"""The one way in for a recording, whichever way its bytes came."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from recordings.audio import find_type, type_by_name
from recordings.models import Recording, UploadKey, new_recording
from recordings.outages import StoreUnavailable
from recordings.pace import moved_at
from recordings.quality import Measurement, measure
from recordings.receiving import Checksums
from sessions_app.actors import Actor
from sessions_app.choices import Estado
from sessions_app.models import Session
from toastclub.connections import release_connection
from toastclub.errors import Conflict, ToastClubError
from toastclub.turns import turn

# More at once would take no less time, and keep the quick calls of this process waiting.
_storing = BoundedSemaphore(4)
_measuring = BoundedSemaphore(1)

Place = Callable[[Recording], None]  # brings the bytes to a recording's key


class TooManyRecordings(Conflict):
    message = _("La sesión ya tiene el máximo de grabaciones.")


class KeyUsedBefore(Conflict):
    message = _("Esa «Idempotency-Key» ya se usó en esta sesión con otros bytes. Usa una nueva.")


def store_recording(
    session: Session,
    path: Path,
    checksums: Checksums,
    *,
    content_type: str,
    place: Place,
    by: Actor,
) -> tuple[Recording, bool]:
    """The session's recording of those bytes, and whether it is new.

    `path` leads to a local copy, in which type and quality are found; `place` brings the bytes
    to their key. Raises `NotAudio`, `TooManyRecordings` or `StoreUnavailable`; then nothing is
    visible and the state is unchanged. No transaction is open, and no connection to the
    database held, while the bytes are looked at and go to the store.
    """
    release_connection()
    with turn(_storing, seconds=settings.STORING_TURN_SECONDS, moved_at=moved_at):
        earlier = session.recordings.filter(sha256=checksums.sha256).first()
        if earlier is not None and _is_kept(earlier, place):
            session.move_on_from(Estado.RUNNING, by=by)
            return earlier, False
        release_connection()
        pending = identify(session, path, checksums, content_type=content_type)
        _announce(pending)
        _place_and_measure(pending, path, place)
        return _settle_one(pending, by=by)


def find_stored(session: Session, sha256: str, *, by: Actor) -> Recording | None:
    """The session's recording of those bytes, if it has them; then the session moves on."""
    earlier: Recording | None = session.recordings.filter(sha256=sha256).first()
    if earlier is None or not _is_stored(earlier):
        return None
    session.move_on_from(Estado.RUNNING, by=by)
    return earlier


def identify(
    session: Session, path: Path, checksums: Checksums, *, content_type: str = ""
) -> Recording:
    """An unsaved recording of those bytes; raises `NotAudio`."""
    with path.open("rb") as file:
        recording = new_recording(session, find_type(file, content_type))
    recording.note_checksums(checksums)
    return recording


def measure_in_turn(path: Path) -> Measurement:
    """Measures one recording at a time, or leaves it for later if its turn does not come."""
    seconds = settings.REQUEST_MEASURING_SECONDS
    with turn(_measuring, seconds=seconds) as came:
        if not came:
            return Measurement(is_complete=False)
        with path.open("rb") as file:
            return measure(file, seconds=seconds)


def claim_upload_key(session: Session, key: str, sha256: str) -> None:
    """Lets an `Idempotency-Key` stand for those bytes, or raises `KeyUsedBefore`."""
    with transaction.atomic():
        Session.objects.locked_to_add(session.pk)
        claimed, _is_new = UploadKey.objects.get_or_create(
            session=session, key=key, defaults={"sha256": sha256}
        )
    if claimed.sha256 != sha256:
        raise KeyUsedBefore


def record_mock(session: Session, *, fields: dict[str, Any], by: Actor) -> Recording:
    """A recording that only names a key, for tests of the web client."""
    fields.setdefault("formato", type_by_name(fields["audio"]))
    recording = Recording(session=session, **fields)
    return _settle_within_limit(recording, by=by)


def _is_stored(recording: Recording) -> bool:
    """Whether its object is whole; a store that can't say is believed to have it."""
    release_connection()
    try:
        return recording.is_whole()
    except StoreUnavailable:
        return True


def _is_kept(recording: Recording, place: Place) -> bool:
    """Stores the bytes again where they are lost or damaged; False if the row is gone by then."""
    if _is_stored(recording):
        return True
    place(recording)
    if recording.mark(""):
        return True
    recording.delete_object()
    return False


def _announce(pending: Recording) -> None:
    """Saves the row, unless its session is full or has been deleted since it was found."""
    with transaction.atomic():
        session = Session.objects.locked_to_add(pending.session_id)
        if session.recordings.count() >= settings.MAX_RECORDINGS_PER_SESSION:
            raise TooManyRecordings
        pending.save()


def _place_and_measure(pending: Recording, path: Path, place: Place) -> None:
    release_connection()
    with ThreadPoolExecutor(1) as meanwhile:
        measuring = meanwhile.submit(measure_in_turn, path)
        _place(pending, place)
    pending.note_measurement(measuring.result())


def _place(pending: Recording, place: Place) -> None:
    try:
        place(pending)
    except (StoreUnavailable, FileNotFoundError):
        pending.drop()
        raise


def _settle_one(pending: Recording, *, by: Actor) -> tuple[Recording, bool]:
    """What fails with the database gone is left as it is: reconciliation finishes it."""
    try:
        settled = _settle_within_limit(pending, by=by)
    except ToastClubError:
        pending.withdraw()
        raise
    if settled != pending:
        pending.give_way_to(settled)
    return settled, settled == pending


def _settle_within_limit(pending: Recording, *, by: Actor) -> Recording:
    with transaction.atomic():
        settled = pending.settle(by=by)
        count = Recording.objects.filter(session=pending.session_id).count()
        if settled == pending and count > settings.MAX_RECORDINGS_PER_SESSION:
            raise TooManyRecordings
    return settled

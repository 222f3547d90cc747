"""The one way in for a recording."""

from typing import Any

from django.db import transaction

from recordings.audio import inspect_audio, type_by_name
from recordings.models import Recording, new_recording, refuse_if_full
from recordings.storages import StoreUnavailable
from recordings.uploads import HashedUpload
from sessions_app.actors import Actor
from sessions_app.choices import Estado
from sessions_app.models import Session


def store_upload(session: Session, upload: HashedUpload, *, by: Actor) -> tuple[Recording, bool]:
    """The session's recording of those bytes, and whether it is new.

    Raises `NotAudio`, `TooManyRecordings` or `StoreUnavailable`; then nothing is visible and
    the state is unchanged. No transaction is open while the bytes go to the store.
    """
    facts = inspect_audio(upload, upload.content_type or "")
    earlier = session.recordings.filter(sha256=upload.sha256).first()
    if earlier is not None:
        session.move_on_from(Estado.RUNNING, by=by)
        return earlier, False
    pending = new_recording(session, facts)
    pending.sha256, pending.file_size, pending.is_processed = upload.sha256, upload.size, True
    _announce(pending)
    return _store_pending(pending, upload, by=by)


def record_mock(session: Session, *, fields: dict[str, Any], by: Actor) -> Recording:
    """A recording that only names a key, for tests of the web client."""
    fields.setdefault("formato", type_by_name(fields["audio"]))
    recording = Recording(session=session, **fields)
    _announce(recording)
    try:
        return recording.settle(by=by)
    except Exception:
        recording.remove()
        raise


def _announce(pending: Recording) -> None:
    """Saves the row, unless its session is full or has been deleted since it was found."""
    with transaction.atomic():
        refuse_if_full(Session.objects.locked(pending.session_id))
        pending.save()


def _store_pending(
    pending: Recording, upload: HashedUpload, *, by: Actor
) -> tuple[Recording, bool]:
    try:
        pending.put(upload)
        settled = pending.settle(by=by)
    except StoreUnavailable:
        pending.delete()
        raise
    except Exception:
        pending.remove()
        raise
    if settled != pending:
        pending.remove()
    return settled, settled == pending

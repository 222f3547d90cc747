"""Recordings that their clients send to the store in parts, past this application.

Of the bytes nothing comes through here until all are there; then they are read once, to be
checked and listened to, and the store itself copies them to the recording's key.
"""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from recordings.models import Recording, ResumableUpload
from recordings.outages import StoreUnavailable
from recordings.receiving import Checksums, local_copy
from recordings.services import TooManyRecordings, find_stored, store_recording
from recordings.uploads import AudioTooLarge
from sessions_app.actors import Actor
from sessions_app.models import Session
from toastclub.errors import Conflict, NotFound


class PartsMissing(Conflict):
    message = _(
        "Faltan partes, o llegaron con otro tamaño: %(numbers)s. Envíalas y vuelve a completar."
    )

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(self.message % {"numbers": ", ".join(map(str, numbers))})


class BytesDiffer(Conflict):
    message = _(
        "Lo que llegó tiene %(size)d bytes y SHA-256 %(sha256)s, y se anunciaron "
        "%(announced_size)d bytes y %(announced_sha256)s. Envía otra vez todas las partes."
    )

    def __init__(self, upload: ResumableUpload, arrived: Checksums) -> None:
        super().__init__(
            self.message
            % {
                "size": arrived.size,
                "sha256": arrived.sha256,
                "announced_size": upload.size,
                "announced_sha256": upload.sha256,
            }
        )


class AlreadyFinished(Conflict):
    message = _("La subida ya terminó y su grabación existe: no se puede cancelar.")


def begin_upload(session: Session, *, size: int, sha256: str, content_type: str) -> ResumableUpload:
    """A new upload of those bytes, or the one that the session has open.

    Raises `AudioTooLarge`, `TooManyRecordings`, `StoreUnavailable`, or `Conflict` if the same is
    finished at this moment.
    """
    if size > settings.MAX_AUDIO_SIZE:
        raise AudioTooLarge
    same = session.uploads.open().filter(sha256=sha256, size=size).first()
    if same is not None and same.is_in_store():
        same.renew()
        return same
    if same is not None and not same.forget():
        raise Conflict
    upload = ResumableUpload(session=session, size=size, sha256=sha256, content_type=content_type)
    upload.begin()
    return _save_or_find(upload)


def complete_upload(upload: ResumableUpload, *, by: Actor) -> tuple[Recording, bool]:
    """The recording that the parts make, and whether it is new.

    Raises `PartsMissing`, `BytesDiffer`, or what `store_recording` raises; the upload stays open.
    """
    if upload.recording is not None:
        return upload.recording, False
    stored = find_stored(upload.session, upload.sha256, by=by)
    if stored is not None:  # it came another way
        upload.finish(stored)
        return stored, False
    try:
        return _store_joined(upload, by=by)
    except NotFound:  # its session was deleted or erased meanwhile, and the upload with it
        upload.discard_if_possible()
        raise
    except FileNotFoundError:
        return _find_finished(upload), False
    except StoreUnavailable:  # some stores say so of what somebody else has removed meanwhile
        finished = _recording_of(upload)
        if finished is None:
            raise
        return finished, False


def abort_upload(upload: ResumableUpload) -> None:
    if not upload.abort():
        raise AlreadyFinished


def _save_or_find(upload: ResumableUpload) -> ResumableUpload:
    """Saves it, unless the same was begun meanwhile; what is not saved is discarded."""
    try:
        with transaction.atomic():
            session = Session.objects.locked_to_add(upload.session_id)
            taken = session.recordings.count() + session.uploads.open().count()
            if taken >= settings.MAX_RECORDINGS_PER_SESSION:
                raise TooManyRecordings
            upload.save(force_insert=True)
        return upload
    except IntegrityError:
        upload.discard()
        same = ResumableUpload.objects.open().filter(
            session=upload.session_id, sha256=upload.sha256, size=upload.size
        )
        if (found := same.first()) is None:
            raise Conflict from None
        return found
    except Exception:
        upload.discard()
        raise


def _find_finished(upload: ResumableUpload) -> Recording:
    """What somebody else made of the parts at this moment, or why there is nothing of them."""
    is_in_store = upload.is_in_store()
    finished = _recording_of(upload)
    if finished is not None:
        return finished
    raise Conflict if is_in_store else NotFound.by_id("Upload", upload.pk)


def _recording_of(upload: ResumableUpload) -> Recording | None:
    finished: Recording | None = Recording.objects.filter(finished_upload=upload.pk).first()
    return finished


def _store_joined(upload: ResumableUpload, *, by: Actor) -> tuple[Recording, bool]:
    _join(upload)
    with local_copy(upload.chunks()) as (path, checksums):
        if (checksums.size, checksums.sha256) != (upload.size, upload.sha256):
            upload.start_over()
            raise BytesDiffer(upload, checksums)
        recording, is_new = store_recording(
            upload.session,
            path,
            checksums,
            content_type=upload.content_type,
            place=lambda pending: pending.copy_from(upload.key),
            by=by,
        )
    upload.finish(recording)
    return recording, is_new


def _join(upload: ResumableUpload) -> None:
    """Makes one object of the parts, unless that is done, or somebody else does it meanwhile."""
    if upload.is_joined():
        return
    try:
        _join_parts(upload)
    except (FileNotFoundError, PartsMissing):
        if not upload.is_joined():
            raise


def _join_parts(upload: ResumableUpload) -> None:
    parts = upload.stored_parts()
    missing = upload.missing_among(parts)
    if missing:
        raise PartsMissing(list(missing))
    upload.join(parts)

"""All that is held about a person, as one ZIP to be handed to them: data, summary and audio."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from dataset.archive import archive, archive_size
from dataset.export import Recipient, Sending
from dataset.files import AudioFile, ExportedFile, WrittenFile
from dataset.people.holdings import accesses_to, whole_sessions
from dataset.people.records import Given, Values, session_values
from dataset.spool import Spool
from recordings.choices import StorageFault
from recordings.models import Recording
from recordings.models.recording import extension_of, folder_of
from recordings.receiving import checksums_of, reporting_full_disk
from sessions_app.models import Session
from toastclub.clients import Waiting
from toastclub.connections import release_connection
from toastclub.serializers import api_time
from toastclub.snapshots import snapshot
from toastclub.streams import Begun

SUMMARY = "LEEME.html"
DATA = "datos.json"
AUDIO_FOLDER = "audios"
ARRIVING = "Está llegando en este momento: pide otra entrega dentro de un rato."
MISSING = "El audio ya no está en el almacén: se perdió, o alguien lo borró."
MOCK = "Es una grabación de prueba: no tiene audio."
ALTERED = "Lo que hay en el almacén no es, byte a byte, lo que llegó; se entrega como está."


@dataclass
class Handover:
    """What the ZIP is made of."""

    moment: datetime
    waiting: Waiting
    resources: ExitStack
    written: list[WrittenFile] = field(default_factory=list)
    given: dict[int, Given] = field(default_factory=dict)  # by recording
    audio_files: list[AudioFile] = field(default_factory=list)

    def files(self) -> Iterator[ExportedFile]:
        yield from self.written
        yield from self.audio()

    def audio(self) -> Iterator[AudioFile]:
        return iter(self.audio_files)

    def write(self, path: str, content: bytes) -> None:
        spool = self.resources.enter_context(closing(Spool()))
        spool.write(content)
        self.written.append(WrittenFile(path, spool, self.moment))


def hand_over(numbers: Sequence[int], recipient: Recipient, waiting: Waiting) -> Sending:
    """The ZIP of those sessions; what audio is missing is named in it.

    Raises `StoreUnavailable`, and then nothing is sent and nothing noted.
    """
    with ExitStack() as resources:
        handover = Handover(timezone.now(), waiting, resources)
        with snapshot():
            sessions, accesses = whole_sessions(numbers), accesses_to(numbers)
            _find_audio(handover, sessions)
            values = [
                session_values(session, handover.given, accesses[session.pk])
                for session in sessions
            ]
        with reporting_full_disk():
            _write_documents(handover, values)
        _note(handover, sessions, recipient)
        size, pieces = archive_size(handover), _sent(handover, resources.pop_all())
        return Sending(_name(handover.moment), size, Begun(pieces))


def _find_audio(handover: Handover, sessions: Iterable[Session]) -> None:
    """Finds what audio is there before anything is said of it."""
    recordings = [each for session in sessions for each in session.recordings.all()]
    storage: Any = default_storage
    keys = sorted({recording.audio_url for recording in recordings}, key=str.encode)
    there = storage.which_exist(keys)
    for recording in recordings:
        note = _why_not(recording, there)
        file = None if note else _audio_file(recording, handover.waiting)
        if file is None:
            handover.given[recording.pk] = Given(note=note or MISSING)
        else:
            is_altered = recording.owns_object and file.sha256 != recording.sha256
            handover.given[recording.pk] = Given(file.path, ALTERED if is_altered else "")
            handover.audio_files.append(file)


def _why_not(recording: Recording, there: set[str]) -> str:
    """Why its audio is not handed over; empty if it is."""
    if recording.uploaded_at is None:
        return ARRIVING
    is_own = recording.audio_url.startswith(folder_of(recording.session_id))
    if not recording.owns_object and not (is_own and recording.audio_url in there):
        return MOCK
    return "" if recording.audio_url in there else MISSING


def _audio_file(recording: Recording, waiting: Waiting) -> AudioFile | None:
    """None if the object is gone by now. What may not be what came is read to know what it is."""
    size, crc32, sha256 = recording.file_size, recording.crc32, recording.sha256
    is_damaged = recording.storage_fault == StorageFault.DAMAGED
    if is_damaged or size is None or crc32 is None or sha256 is None:
        storage: Any = default_storage
        try:
            found = checksums_of(waiting.watched(storage.chunks_of(recording.audio_url)))
        except FileNotFoundError:
            return None
        size, crc32, sha256 = found.size, found.crc32, found.sha256
    moment = recording.uploaded_at or recording.created_at
    key, session_id = recording.audio_url, recording.session_id
    return AudioFile(_path(recording), size, crc32, sha256, moment, key, session_id, recording.pk)


def _path(recording: Recording) -> str:
    extension = extension_of(recording.audio_url)
    return f"{AUDIO_FOLDER}/sesion_{recording.session_id}_grabacion_{recording.pk}.{extension}"


def _write_documents(handover: Handover, sessions: list[Values]) -> None:
    values = {"entregado": handover.moment, "sesiones": sessions}
    context = {"moment": handover.moment, "sessions": sessions}
    summary = render_to_string("admin/dataset/people/handover.html", context)
    handover.write(SUMMARY, summary.encode())
    data = json.dumps(values, ensure_ascii=False, indent=1, default=api_time)
    handover.write(DATA, data.encode())


def _note(handover: Handover, sessions: Iterable[Session], recipient: Recipient) -> None:
    """Notes the handover of each session, and that of each recording whose audio is in it."""
    who: dict[str, Any] = {"by": recipient.user, "address": recipient.address}
    AccessRecord.objects.note_sessions(
        AccessKind.HANDOVER, [session.pk for session in sessions], **who
    )
    AccessRecord.objects.note_recordings(
        AccessKind.EXPORTED,
        [(file.session_id, file.recording_id) for file in handover.audio()],
        **who,
    )


def _sent(handover: Handover, resources: ExitStack) -> Iterator[bytes]:
    with resources:
        release_connection()
        yield from archive(handover)


def _name(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("datos_personales_%Y%m%d_%H%M.zip")

"""An export before its first byte leaves: all that it holds, known to the last byte.

What the database says is read in one snapshot and kept in nameless files; the audio stays in the
store, which is asked what of it is there. So the length is known, no transaction waits for a
client, and what is missing is said in tables that come before the audio.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from threading import Event
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.utils import timezone

from dataset.answers import Answers
from dataset.choices import LeftOut
from dataset.files import AudioFile, ExportedFile, WrittenFile
from dataset.identities import Pseudonyms
from dataset.layouts import Layout
from dataset.manifest import DICTIONARY, MANIFEST, dictionary_csv, manifest_json
from dataset.models import PseudonymKey
from dataset.rows import ROWS_AT_A_TIME
from dataset.selection import Selection
from dataset.spool import RowSpool, Spool
from dataset.tables import Gathering
from recordings.choices import StorageFault
from recordings.models.recording import folder_of
from recordings.receiving import checksums_of, reporting_full_disk
from toastclub.ahead import worked_ahead
from toastclub.clients import Waiting
from toastclub.querysets import bytewise
from toastclub.snapshots import snapshot

KEYS_AT_A_TIME = 1000  # as many as an S3 store lists in one answer
LISTINGS_AT_ONCE = 4


@dataclass
class Package:
    """`files` are all that an export holds; the manifest, which names the others, comes first."""

    layout: Layout
    selection: Selection
    is_identifiable: bool
    moment: datetime
    waiting: Waiting
    resources: ExitStack
    counts: dict[str, int] = field(default_factory=dict)
    left_out: dict[int, LeftOut] = field(default_factory=dict)  # by recording
    written: list[WrittenFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._audio = self.resources.enter_context(closing(RowSpool()))

    @property
    def content_size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files())

    def files(self) -> Iterator[ExportedFile]:
        yield from self.written
        yield from self.audio()

    def audio(self) -> Iterator[AudioFile]:
        for path, size, crc32, sha256, modified, *rest in self._audio:
            yield AudioFile(path, size, crc32, sha256, datetime.fromisoformat(modified), *rest)

    def add_audio(self, file: AudioFile) -> None:
        path, size, crc32, sha256, modified, *rest = file
        self._audio.append([path, size, crc32, sha256, modified.isoformat(), *rest])

    @contextmanager
    def new_file(self, path: str, *, at_the_top: bool = False) -> Iterator[Spool]:
        """What is to be written to; it is one of the files once it is whole."""
        spool = self.resources.enter_context(closing(Spool()))
        yield spool
        place = 0 if at_the_top else len(self.written)
        self.written.insert(place, WrittenFile(path, spool, self.moment))


@contextmanager
def packed(
    selection: Selection,
    layout: Layout,
    *,
    is_identifiable: bool = False,
    moment: datetime | None = None,
    waiting: Waiting | None = None,
) -> Iterator[Package]:
    """The export of that selection in that layout, for as long as it is needed.

    `moment` is what it says of itself if it is not of now: that of a release that is rebuilt.
    `waiting` is whom it is for; it is given up if nobody waits for it any more.
    """
    pseudonyms = PseudonymKey.objects.pseudonyms()
    with ExitStack() as resources:
        now = timezone.now()
        package = Package(
            layout, selection, is_identifiable, moment or now, waiting or Waiting(), resources
        )
        with reporting_full_disk():
            with snapshot():
                _read_database(package, pseudonyms)
            for path, pieces in layout.documents(package):
                with package.new_file(path) as spool:
                    spool.write_all(pieces)
            with package.new_file(MANIFEST, at_the_top=True) as spool:
                spool.write_all(manifest_json(package, pseudonyms))
        yield package


def _read_database(package: Package, pseudonyms: Pseudonyms) -> None:
    answers = package.resources.enter_context(
        closing(Answers(pseudonyms, is_identifiable=package.is_identifiable))
    )
    _find_audio(package, pseudonyms)
    answers.gather(package.selection, package.waiting)
    _count(package, answers)
    _write_tables(package, pseudonyms, answers)


class _Stored(NamedTuple):
    """What is known of a recording's object."""

    id: int
    audio: str
    file_size: int | None
    crc32: int | None
    sha256: str | None
    uploaded_at: datetime
    storage_fault: str
    session_id: int
    session__session_code: str

    @property
    def is_its_own(self) -> bool:
        """Whether its bytes came through us, or at least lie where its session's do.

        A mock may name any object: another participant's voice, or an earlier release.
        """
        return self.sha256 is not None or self.audio.startswith(folder_of(self.session_id))


def _find_audio(package: Package, pseudonyms: Pseudonyms) -> None:
    """Finds what audio is there before anything is said of it."""
    listed = worked_ahead(
        _batches_by_key(package.selection),
        _which_are_there,
        threads=LISTINGS_AT_ONCE,
        ahead=LISTINGS_AT_ONCE,
        waiting=package.waiting,
    )
    for batch, there in listed:
        package.waiting.check()
        for recording in batch:
            fault = _fault_of(recording, there)
            file = None if fault else _audio_file(package, recording, pseudonyms)
            if file is None:
                package.left_out[recording.id] = fault or LeftOut.MISSING
            else:
                package.add_audio(file)


def _batches_by_key(selection: Selection) -> Iterator[list[_Stored]]:
    recordings = selection.recordings.order_by(bytewise("audio"), "pk")
    rows = recordings.values_list(*_Stored._fields).iterator(ROWS_AT_A_TIME)
    while batch := list(islice(rows, KEYS_AT_A_TIME)):
        yield [_Stored(*row) for row in batch]


def _which_are_there(batch: list[_Stored], _stopped: Event) -> set[str]:
    storage: Any = default_storage
    there: set[str] = storage.which_exist([recording.audio for recording in batch])
    return there


def _fault_of(recording: _Stored, there: set[str]) -> LeftOut | None:
    if recording.audio not in there:
        return LeftOut.MISSING
    if not recording.is_its_own:
        return LeftOut.FOREIGN
    return LeftOut.DAMAGED if recording.storage_fault == StorageFault.DAMAGED else None


def _audio_file(package: Package, recording: _Stored, pseudonyms: Pseudonyms) -> AudioFile | None:
    """None if the object of a recording that did not come through us is gone by now."""
    size, crc32, sha256 = recording.file_size, recording.crc32, recording.sha256
    if size is None or crc32 is None or sha256 is None:
        storage: Any = default_storage
        try:
            checksums = checksums_of(package.waiting.watched(storage.chunks_of(recording.audio)))
        except FileNotFoundError:
            return None
        size, crc32, sha256 = checksums.size, checksums.crc32, sha256 or checksums.sha256
    path = package.layout.audio_path(
        session_code=recording.session__session_code,
        recording_id=recording.id,
        key=recording.audio,
        pseudonyms=pseudonyms,
    )
    return AudioFile(
        path,
        size,
        crc32,
        sha256,
        recording.uploaded_at,
        recording.audio,
        recording.session_id,
        recording.id,
    )


def _count(package: Package, answers: Answers) -> None:
    selection = package.selection
    package.counts |= {
        "sessions": selection.sessions.count(),
        "recordings": selection.recordings.count(),
        "audio_missing": len(package.left_out),
        "surveys": answers.count,
    }


def _write_tables(package: Package, pseudonyms: Pseudonyms, answers: Answers) -> None:
    layout = package.layout
    gathering = Gathering(
        package.selection,
        pseudonyms,
        answers,
        package.is_identifiable,
        layout.audio_path,
        package.left_out,
        package.waiting,
    )
    described = []
    for table in layout.tables(gathering):
        path = f"{table.name}.{layout.suffix}"
        with package.new_file(path) as spool:
            layout.write(table, spool)
        described.append((path, table))
    layout.note(gathering)
    described.extend((f"{table.name}.{layout.suffix}", table) for table in layout.further_tables)
    with package.new_file(DICTIONARY) as spool:
        spool.write_all(dictionary_csv(described))

"""The export: a ZIP that is sent while it is being read together."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from zipstream import ZipStream

from accounts.models import User
from dataset.csv_tables import audio_path, common_keys, dataset_csv, survey_cells, surveys_csv
from dataset.rows import ROWS_AT_A_TIME, SessionRow, session_rows
from recordings.models import Recording, RecordingDownload
from sessions_app.models import Session
from surveys.models import Survey


def export_name(now: datetime | None = None) -> str:
    return timezone.localtime(now).strftime("dataset_export_%Y%m%d_%H%M.zip")


def export_zip(*, by: User | None = None, address: str = "") -> Iterator[bytes]:
    """The bytes of the ZIP: the audio first, then the tables that say what became of it.

    `by` and `address` are who gets it and where, which is noted of each recording; nobody and
    nowhere for the command on the server.

    An object that is gone from the store is marked in the table, and the export goes on; one
    that fails while it is read raises, which breaks the transfer: no ZIP that looks whole
    holds less than it says.
    """
    held = _held()
    archive = ZipStream(compress_type=ZIP_STORED)
    in_zip: dict[int, bool] = {}  # all recordings of this export, by id
    for recording in _noted(held.recordings(), by=by, address=address):
        chunks = _chunks(recording)
        in_zip[recording.pk] = chunks is not None
        if chunks is not None:
            archive.add(chunks, audio_path(recording))
            yield from archive.all_files()
    archive.add(dataset_csv(_rows(held, in_zip), in_zip), "dataset.csv", compress_type=ZIP_DEFLATED)
    archive.add(_surveys_csv(held), "surveys.csv", compress_type=ZIP_DEFLATED)
    yield from archive.finalize()


def export_size() -> int:
    """About how many bytes the ZIP has: those of the audio."""
    sizes = Recording.objects.values_list("file_size", flat=True)
    return sum(size or 0 for size in sizes.iterator(chunk_size=ROWS_AT_A_TIME))


@dataclass(frozen=True)
class _Held:
    """What an export holds: what comes or is completed later is left to the next.

    Ids and not times, because the clocks of two processes differ. The recordings are those
    that the reading of the audio finds.
    """

    newest_session: int
    completed_surveys: set[int]

    def sessions(self) -> Any:
        return Session.objects.filter(pk__lte=self.newest_session).defer("text_pages")

    def recordings(self) -> Any:
        recordings = Recording.objects.filter(session_id__lte=self.newest_session).order_by("pk")
        return recordings.select_related("session").defer("session__text_pages")

    def surveys(self) -> Any:
        surveys = Survey.objects.completed().filter(session_id__lte=self.newest_session)
        return surveys.order_by("pk")


def _held() -> _Held:
    newest = Session.objects.aggregate(newest=Max("pk"))["newest"] or 0
    held = _Held(newest_session=newest, completed_surveys=set())
    ids = held.surveys().values_list("pk", flat=True)
    held.completed_surveys.update(ids.iterator(chunk_size=ROWS_AT_A_TIME))
    return held


def _rows(held: _Held, in_zip: Collection[int]) -> Iterator[SessionRow]:
    """The sessions, without what was settled or completed since the export began."""
    for row in session_rows(held.sessions(), held.recordings(), held.surveys()):
        recordings = [recording for recording in row.recordings if recording.pk in in_zip]
        surveys = [survey for survey in row.surveys if survey.pk in held.completed_surveys]
        yield SessionRow(row.session, recordings, surveys)


def _surveys_csv(held: _Held) -> Iterator[bytes]:
    """The table of the surveys, from a copy on disk.

    Its form depends on all of them, and a second reading of the database could find other
    keys than the first.
    """
    with TemporaryFile("w+", dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        _copy_surveys(held, copy)
        keys = common_keys(answers for _cells, answers in _copied(copy))
        yield from surveys_csv(_copied(copy), keys)


def _copy_surveys(held: _Held, copy: IO[str]) -> None:
    """Each survey as a line of JSON: its own cells, and its answers."""
    surveys = held.surveys().select_related("session").defer("session__text_pages")
    for survey in surveys.iterator(chunk_size=ROWS_AT_A_TIME):
        if survey.pk in held.completed_surveys:
            copy.write(json.dumps([survey_cells(survey), survey.respuestas_json]) + "\n")


def _copied(copy: IO[str]) -> Iterator[Any]:
    copy.seek(0)
    yield from map(json.loads, copy)


def _noted(recordings: Any, *, by: User | None, address: str) -> Iterator[Recording]:
    """The recordings, each noted as downloaded before its first byte is sent."""
    rows = recordings.iterator(chunk_size=ROWS_AT_A_TIME)
    while batch := list(islice(rows, ROWS_AT_A_TIME)):
        RecordingDownload.objects.note_export(batch, by=by, address=address)
        yield from batch


def _chunks(recording: Recording) -> Iterator[bytes] | None:
    """The audio, begun now and read when its turn comes; None where the object is gone."""
    chunks = recording.audio.storage.chunks_of(recording.audio_url)
    try:
        return chain([next(chunks, b"")], chunks)
    except FileNotFoundError:
        return None

"""The export: a ZIP that is sent while it is being read together."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from django.db.models import Max
from django.utils import timezone
from zipstream import ZipStream

from dataset.csv_tables import audio_path, common_keys, dataset_csv, surveys_csv
from dataset.rows import ROWS_AT_A_TIME, session_rows
from recordings.models import Recording
from recordings.storages import reporting_outages
from sessions_app.models import Session
from surveys.models import Survey


def export_name(now: datetime | None = None) -> str:
    return timezone.localtime(now).strftime("dataset_export_%Y%m%d_%H%M.zip")


def export_zip() -> Iterator[bytes]:
    """The bytes of the ZIP: the audio first, then the tables that say what became of it.

    An object that is gone from the store is marked in the table, and the export goes on; one
    that fails while it is read raises, which breaks the transfer: no ZIP that looks whole
    holds less than it says.
    """
    limits = _limits()
    archive = ZipStream(compress_type=ZIP_STORED)
    with_audio: set[int] = set()
    for recording in _recordings(limits).iterator(chunk_size=ROWS_AT_A_TIME):
        chunks = _chunks(recording)
        if chunks is not None:
            with_audio.add(recording.pk)
            archive.add(chunks, audio_path(recording))
            yield from archive.all_files()
    archive.add(dataset_csv(_rows(limits), with_audio), "dataset.csv", compress_type=ZIP_DEFLATED)
    archive.add(_surveys_csv(limits), "surveys.csv", compress_type=ZIP_DEFLATED)
    yield from archive.finalize()


def export_size() -> int:
    """About how many bytes the ZIP has: those of the audio."""
    sizes = Recording.objects.values_list("file_size", flat=True)
    return sum(size or 0 for size in sizes.iterator(chunk_size=ROWS_AT_A_TIME))


def _limits() -> dict[type[Any], int]:
    """The newest row of each table: what comes later is left to the next export."""
    return {
        model: model.objects.aggregate(newest=Max("pk"))["newest"] or 0
        for model in (Session, Recording, Survey)
    }


def _recordings(limits: dict[type[Any], int]) -> Any:
    recordings = Recording.objects.filter(pk__lte=limits[Recording]).order_by("pk")
    return recordings.select_related("session").defer("session__text_pages")


def _surveys(limits: dict[type[Any], int]) -> Any:
    return Survey.objects.completed().filter(pk__lte=limits[Survey]).order_by("pk")


def _rows(limits: dict[type[Any], int]) -> Any:
    sessions = Session.objects.filter(pk__lte=limits[Session]).defer("text_pages")
    return session_rows(sessions, _recordings(limits), _surveys(limits))


def _surveys_csv(limits: dict[type[Any], int]) -> Iterator[bytes]:
    surveys = _surveys(limits)
    answers = surveys.values_list("respuestas_json", flat=True)
    keys = common_keys(answers.iterator(chunk_size=ROWS_AT_A_TIME))
    rows = surveys.select_related("session").defer("session__text_pages")
    yield from surveys_csv(rows.iterator(chunk_size=ROWS_AT_A_TIME), keys)


def _chunks(recording: Recording) -> Iterator[bytes] | None:
    """The audio, opened now and read when its turn comes; None where the object is gone."""
    try:
        file = recording.audio.storage.open(recording.audio_url)
    except FileNotFoundError:
        return None
    return _read(file)


def _read(file: Any) -> Iterator[bytes]:
    with file, reporting_outages():
        yield from file.chunks()

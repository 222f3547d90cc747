"""Measuring what took too long while its client waited."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from recordings.models import Recording
from recordings.quality import measure
from recordings.receiving import local_copy


def unprocessed() -> QuerySet[Recording]:
    """The recordings whose audio is still to be measured."""
    return Recording.objects.filter(is_processed=False, sha256__isnull=False, storage_fault="")


def process(recording: Recording) -> bool:
    """Measures a recording, whose bytes stay as they are; False if even now it takes too long.

    Raises `FileNotFoundError` or `ServiceUnavailable`.
    """
    storage: Any = recording.audio.storage
    chunks = storage.chunks_of(recording.audio_url)
    with local_copy(chunks) as (path, _checksums), path.open("rb") as file:
        measurement = measure(file, seconds=settings.COMMAND_MEASURING_SECONDS)
    measured = recording.note_measurement(measurement)
    values = {name: getattr(recording, name) for name in measured}
    Recording.objects.filter(pk=recording.pk).update(**values)
    return measurement.is_complete

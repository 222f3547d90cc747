"""What the tests of reconciliation share: the command, and what it is to find."""

import io
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from recordings.models import ResumableUpload
from recordings.receiving import checksums_of
from recordings.tests.calls import sample
from recordings.tests.factories import RecordingFactory

VOICE = sample("voz.mp3")


def reconcile(*options):
    """The lines that the command prints."""
    out = io.StringIO()
    call_command("reconcile_recordings", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


def nothing_is_found(*options):
    return reconcile(*options) == ["Nada que conciliar."]


def orphan(session, content=VOICE, name="3f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1e.mp3"):
    """The key of an object that no row tells of."""
    key = f"recordings/session_{session.pk}/{name}"
    default_storage.save(key, ContentFile(content))
    return key


def pending(session, content=VOICE, **fields):
    """A row whose upload was interrupted, with its object."""
    checksums = checksums_of([content or VOICE])
    return RecordingFactory(
        session=session,
        content=content,
        uploaded_at=None,
        **{"sha256": checksums.sha256, "file_size": checksums.size, **fields},
    )


def aged():
    """Has all uploads in parts be older than a day."""
    ResumableUpload.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))

"""Uploads in parts that nobody finished, and what they leave behind."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.utils import timezone

from recordings import resumable
from recordings.models import Recording, ResumableUpload
from recordings.receiving import DiskFull
from recordings.tests.calls import sample
from recordings.tests.factories import RecordingFactory
from recordings.tests.parts import PART_SIZE, begin, complete, join, long_voice, put, put_parts
from recordings.tests.parts import VOICE as LONG_VOICE
from recordings.tests.reconciling import VOICE, aged, nothing_is_found, pending, reconcile

pytestmark = pytest.mark.django_db


def test_parts_that_were_joined_are_made_a_recording(any_store, headset, session):
    upload = begin(headset, session).json()
    put_parts(upload)
    join(ResumableUpload.objects.get())

    assert reconcile() == ["subidas por partes que se completaron: 1"]
    assert Recording.objects.get().sha256 == hashlib.sha256(LONG_VOICE).hexdigest()
    assert complete(headset, session, upload).status_code == 200
    assert nothing_is_found("--deep")


def test_an_upload_in_parts_that_nobody_finished_in_a_day_is_aborted(any_store, headset, session):
    upload = begin(headset, session).json()
    put(upload["parts"][0]["url"], LONG_VOICE[:PART_SIZE])
    aged()

    assert reconcile() == ["subidas por partes que se cancelaron: 1"]
    assert not ResumableUpload.objects.exists()
    assert list(default_storage.unfinished_parts("uploads/")) == []
    assert nothing_is_found()


def test_an_upload_in_parts_that_is_younger_goes_on(any_store, headset, session):
    upload = begin(headset, session).json()
    ResumableUpload.objects.update(created_at=timezone.now() - timedelta(hours=23))

    assert nothing_is_found()
    put_parts(upload)
    assert complete(headset, session, upload).status_code == 201


def test_an_old_upload_in_parts_that_are_all_there_is_a_voice_and_kept(any_store, headset, session):
    put_parts(begin(headset, session).json())
    aged()

    assert reconcile() == ["subidas por partes que se completaron: 1"]
    assert Recording.objects.get().file_size == len(LONG_VOICE)
    assert nothing_is_found("--deep")


@pytest.mark.django_db(transaction=True)
def test_several_uploads_in_parts_are_completed_in_one_run(headset, session):
    for content in (VOICE, sample("voz.flac")):
        put_parts(begin(headset, session, content).json(), content)
    aged()

    assert reconcile() == ["subidas por partes que se completaron: 2"]
    assert Recording.objects.count() == 2


def test_a_full_disk_aborts_no_upload_in_parts(headset, session, monkeypatch):
    put_parts(begin(headset, session).json())
    aged()

    def full(*_arguments):
        raise DiskFull

    monkeypatch.setattr(resumable, "local_copy", full)

    with pytest.raises(CommandError, match="No se pudo leer todo"):
        reconcile()

    monkeypatch.undo()
    assert reconcile() == ["subidas por partes que se completaron: 1"]


def test_an_upload_in_parts_that_its_session_has_no_room_for_is_kept(settings, headset, session):
    put_parts(begin(headset, session).json())
    RecordingFactory(session=session)
    settings.MAX_RECORDINGS_PER_SESSION = 1
    aged()

    assert reconcile() == [
        "subidas por partes que no caben en su sesión (se dejan como están): 1",
        "Nada que conciliar.",
    ]
    assert ResumableUpload.objects.exists()


def test_joined_parts_whose_upload_is_lost_are_adopted(any_store, headset, session):
    put_parts(begin(headset, session).json())
    join(ResumableUpload.objects.get())
    ResumableUpload.objects.all().delete()

    assert reconcile() == ["audios sin grabación que se adoptaron: 1"]
    assert Recording.objects.get().audio_url.startswith("recordings/")
    assert list(default_storage.keys("uploads/")) == []
    assert nothing_is_found("--deep")


def test_an_old_upload_that_is_begun_again_gets_another_day(headset, session):
    first = begin(headset, session).json()
    aged()

    assert begin(headset, session).json()["upload_id"] == first["upload_id"]
    assert nothing_is_found()


def test_old_parts_with_other_bytes_than_announced_are_aborted(any_store, headset, session):
    put_parts(begin(headset, session).json(), long_voice())
    aged()

    assert reconcile() == ["subidas por partes que se cancelaron: 1"]
    assert not Recording.with_pending.exists()
    assert nothing_is_found()


def test_parts_that_no_upload_tells_of_are_discarded_when_they_are_old(
    any_store, headset, session, any_age
):
    begin(headset, session)
    ResumableUpload.objects.all().delete()

    assert reconcile() == ["restos de subidas por partes que se borraron: 1"]
    assert list(default_storage.unfinished_parts("uploads/")) == []
    assert nothing_is_found()


@pytest.mark.parametrize("any_store", ["disk", "seaweedfs"], indirect=True)  # moto's are of 2010
def test_parts_that_no_upload_tells_of_yet_are_left(any_store, headset, session):
    begin(headset, session)
    ResumableUpload.objects.all().delete()

    assert nothing_is_found()
    assert len(list(default_storage.unfinished_parts("uploads/"))) == 1


def test_the_copy_that_a_recording_was_made_from_is_removed(any_store, headset, session):
    upload = begin(headset, session).json()
    put_parts(upload)
    complete(headset, session, upload)
    default_storage.save(ResumableUpload.objects.get().key, ContentFile(LONG_VOICE))

    assert reconcile() == ["restos de subidas por partes que se borraron: 1"]
    assert list(default_storage.keys("uploads/")) == []


def test_a_foreign_object_keeps_nothing_else_from_being_mended(any_store, session):
    default_storage.save("uploads/nota.txt", ContentFile(b"nota"))
    pending(session)

    assert reconcile() == [
        "subidas interrumpidas que se terminaron: 1",
        "objetos que no son una grabación (se dejan como están): 1",
    ]

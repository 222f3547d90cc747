"""Recordings whose object is gone or damaged, and how they come to it again."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from conftest import use_r2
from recordings.models import Recording
from recordings.tests.calls import API, send, state_of
from recordings.tests.parts import begin, complete, put_parts
from recordings.tests.reconciling import VOICE, nothing_is_found, reconcile
from sessions_app.actors import SYSTEM
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db


def test_a_recording_whose_audio_is_gone_is_marked(any_store, headset, session):
    recording = send(headset, session, VOICE).json()
    default_storage.delete(recording["audio_url"])

    assert reconcile() == ["grabaciones cuyo audio no está: 1"]
    assert Recording.objects.get().storage_fault == "missing"
    assert nothing_is_found("--deep")


@pytest.mark.parametrize("is_marked", [False, True])
def test_lost_audio_that_is_sent_again_is_stored_whether_or_not_anybody_noticed(
    any_store, headset, session, is_marked
):
    recording = send(headset, session, VOICE).json()
    default_storage.delete(recording["audio_url"])
    if is_marked:
        reconcile()

    answer = send(headset, session, VOICE)

    assert (answer.status_code, answer.json()["id"]) == (200, recording["id"])
    assert nothing_is_found("--deep")


def test_lost_audio_that_is_announced_again_in_parts_is_asked_for(any_store, headset, session):
    recording = send(headset, session, VOICE).json()
    default_storage.delete(recording["audio_url"])

    upload = begin(headset, session, VOICE)

    assert upload.status_code == 201
    put_parts(upload.json(), VOICE)
    assert complete(headset, session, upload.json()).json()["id"] == recording["id"]
    assert nothing_is_found("--deep")


def test_a_recording_whose_audio_is_back_is_no_longer_marked(any_store, headset, session):
    recording = send(headset, session, VOICE).json()
    Recording.objects.update(storage_fault="missing")

    assert reconcile() == ["grabaciones cuyo audio vuelve a estar bien: 1"]
    assert Recording.objects.get(pk=recording["id"]).storage_fault == ""


def test_a_mock_is_not_looked_for(any_store, headset, session):
    headset.post(f"{API}/sessions/{session.pk}/recording", {"audio_url": "recordings/no.wav"})

    assert nothing_is_found("--deep")


def test_damaged_audio_is_found_by_reading_it(any_store, headset, session):
    recording = send(headset, session, VOICE).json()
    default_storage.save(recording["audio_url"], ContentFile(VOICE[:-1] + b"x"))

    assert nothing_is_found()
    assert reconcile("--deep") == ["grabaciones cuyo audio no es el que llegó: 1"]
    assert Recording.objects.get().storage_fault == "damaged"
    assert nothing_is_found("--deep")


def test_damaged_audio_that_is_sent_again_is_sound(any_store, headset, session):
    recording = send(headset, session, VOICE).json()
    default_storage.save(recording["audio_url"], ContentFile(b"x"))
    reconcile("--deep")

    answer = send(headset, session, VOICE)

    assert (answer.status_code, answer.json()["id"]) == (200, recording["id"])
    assert Recording.objects.get().storage_fault == ""
    assert nothing_is_found("--deep")


def test_the_state_waits_for_lost_audio_to_be_stored(headset_of, settings):
    session = SessionFactory(estado=Estado.READY_TO_START)
    headset = headset_of(session)
    recording = send(headset, session, VOICE).json()
    default_storage.delete(recording["audio_url"])
    Recording.objects.update(storage_fault="missing")
    session.transition_to(Estado.RUNNING, by=SYSTEM)

    assert begin(headset, session, VOICE).status_code == 201
    assert state_of(session) == Estado.RUNNING
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))
    assert send(headset, session, VOICE).status_code == 503
    assert state_of(session) == Estado.RUNNING

"""Deleting sessions with all that belongs to them."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from conftest import use_r2
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db


def url(session):
    return f"/api/v1/sessions/{session.pk}"


def test_a_deleted_session_is_gone(as_analyst):
    session = SessionFactory()

    deleted = as_analyst.delete(url(session))

    assert (deleted.status_code, deleted.content) == (204, b"")
    for answer in (as_analyst.get(url(session)), as_analyst.delete(url(session))):
        assert answer.status_code == 404
        assert answer.json() == {"detail": f"Session with id {session.pk} not found"}


def test_all_that_belongs_to_a_deleted_session_goes_with_it(as_analyst):
    session, other = SessionFactory.create_batch(2)
    for owner in (session, other):
        RecordingFactory(session=owner)
        RecordingFactory(session=owner, uploaded_at=None)
        SurveyFactory(session=owner)

    as_analyst.delete(url(session))

    kept = Recording.with_pending.all()
    assert {recording.session for recording in kept} == {other}
    assert all(default_storage.exists(recording.audio_url) for recording in kept)
    assert not default_storage.listdir(f"recordings/session_{session.pk}")[1]
    assert {survey.session for survey in Survey.objects.all()} == {other}
    assert Participant.objects.get().session == other


def test_a_recording_that_comes_in_while_its_session_is_deleted_goes_with_it(
    as_analyst, monkeypatch
):
    session = SessionFactory()
    RecordingFactory(session=session)
    delete_object = Recording.delete_object

    def delete_beside_an_upload(recording):
        if recording.session.recordings.count() == 1:
            RecordingFactory(session=session)
        delete_object(recording)

    monkeypatch.setattr(Recording, "delete_object", delete_beside_an_upload)

    assert as_analyst.delete(url(session)).status_code == 204
    assert not default_storage.listdir(f"recordings/session_{session.pk}")[1]


def test_a_recording_whose_object_is_gone_does_not_hinder_deletion(as_analyst):
    session = SessionFactory()
    RecordingFactory(session=session, content=None)

    assert as_analyst.delete(url(session)).status_code == 204


def test_with_the_store_down_deletion_is_503_and_nothing_is_lost(as_analyst, settings):
    session = SessionFactory()
    recording = RecordingFactory(session=session)
    SurveyFactory(session=session)
    on_disk = Path(default_storage.path(recording.audio_url))
    before = as_analyst.get(url(session)).json()
    use_r2(settings, ObjectStore(endpoint_url="http://127.0.0.1:9"))

    answer = as_analyst.delete(url(session))

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1
    assert as_analyst.get(url(session)).json() == before
    assert on_disk.exists()


def test_a_session_without_recordings_is_deleted_with_the_store_down(as_analyst, settings):
    use_r2(settings, ObjectStore(endpoint_url="http://127.0.0.1:9"))

    assert as_analyst.delete(url(SessionFactory())).status_code == 204

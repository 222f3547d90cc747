import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def send(client, session, content, name="voz.wav"):
    return client.post(
        f"/api/v1/sessions/{session.pk}/upload",
        {"file": SimpleUploadedFile(name, content)},
        format="multipart",
    )


def test_the_bytes_of_an_upload_reach_any_store_unchanged(any_store, headset_of, spoken_wav):
    session = SessionFactory(estado=Estado.RUNNING)

    answer = send(headset_of(session), session, spoken_wav)

    assert answer.status_code == 201, answer.json()
    with any_store.open(answer.json()["audio_url"]) as stored:
        assert stored.read() == spoken_wav

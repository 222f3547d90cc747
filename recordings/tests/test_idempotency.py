"""A key of the client's own, under which it may send the same bytes again and no others."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from conftest import use_r2
from recordings.models import Recording
from recordings.tests.calls import API, sample
from sessions_app.tests.factories import SessionFactory
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db

VOICE = sample("voz.mp3")
OTHER_VOICE = sample("voz.ogg")
KEY = "toma-1"


def upload(client, session, content, key=KEY):
    return client.post(
        f"{API}/sessions/{session.pk}/upload",
        {"file": SimpleUploadedFile("voz.mp3", content)},
        format="multipart",
        headers={"Idempotency-Key": key},
    )


def older_upload(client, session, content, key=KEY):
    return client.post(
        f"{API}/recordings/upload",
        {"file": SimpleUploadedFile("voz.mp3", content), "session_id": session.pk},
        format="multipart",
        headers={"Idempotency-Key": key},
    )


def begin(client, session, content, key=KEY):
    return client.post(
        f"{API}/sessions/{session.pk}/uploads",
        {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()},
        headers={"Idempotency-Key": key},
    )


calls = pytest.mark.parametrize(
    "call", [upload, older_upload, begin], ids=lambda call: call.__name__
)


@calls
def test_the_same_key_with_other_bytes_is_a_conflict(as_analyst, session, call):
    assert call(as_analyst, session, VOICE).status_code == 201

    answer = call(as_analyst, session, OTHER_VOICE)

    assert answer.status_code == 409
    assert "Idempotency-Key" in answer.json()["detail"]
    assert Recording.with_pending.count() <= 1


@calls
def test_the_same_key_with_the_same_bytes_is_the_same(as_analyst, session, call):
    first = call(as_analyst, session, VOICE).json()

    second = call(as_analyst, session, VOICE).json()

    assert first.get("id") == second.get("id")
    assert first.get("upload_id") == second.get("upload_id")


def test_another_key_with_the_same_bytes_is_the_same_recording(headset, session):
    first = upload(headset, session, VOICE)

    second = upload(headset, session, VOICE, key="toma-2")

    assert (second.status_code, second.json()) == (200, first.json())


def test_a_key_belongs_to_its_session(headset_of, session):
    other = SessionFactory()
    upload(headset_of(session), session, VOICE)

    assert upload(headset_of(other), other, OTHER_VOICE).status_code == 201


def test_a_key_stands_for_its_bytes_although_they_were_not_stored(settings, headset, session):
    store = settings.STORAGES
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))
    assert upload(headset, session, VOICE).status_code == 503
    settings.STORAGES = store

    assert upload(headset, session, OTHER_VOICE).status_code == 409
    assert upload(headset, session, VOICE).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "dos tomas", "ñ", "x" * 256])
def test_a_key_that_cannot_be_kept_is_refused(headset, session, key):
    answer = upload(headset, session, VOICE, key=key)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["idempotency_key"]
    assert not Recording.with_pending.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_contents_that_come_at_once_under_one_key_one_is_stored(headset_of, session):
    def attempt(content):
        try:
            return upload(headset_of(session), session, content).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(attempt, [VOICE, OTHER_VOICE]))

    assert statuses == [201, 409]
    assert Recording.with_pending.count() == 1

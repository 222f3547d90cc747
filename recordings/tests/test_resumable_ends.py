"""Uploads in parts that are aborted, refused, or meet a store that is down."""

import pytest
from django.core.files.storage import default_storage

from conftest import use_r2
from recordings.models import Recording, ResumableUpload
from recordings.tests.calls import API, state_of
from recordings.tests.factories import RecordingFactory
from recordings.tests.parts import (
    PART_SIZE,
    VOICE,
    begin,
    call,
    complete,
    long_voice,
    parts_of,
    put,
    put_parts,
    uploads_of,
)
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db


def test_an_aborted_upload_is_gone_with_all_that_arrived(any_store, headset, session):
    upload = begin(headset, session).json()
    put(upload["parts"][0]["url"], VOICE[:PART_SIZE])

    assert call(headset, session, upload, "delete").status_code == 204
    assert call(headset, session, upload).status_code == 404
    assert complete(headset, session, upload).status_code == 404
    assert parts_of(session) == []


@pytest.mark.parametrize("any_store", ["disk", "seaweedfs"], indirect=True)  # moto breaks down
def test_the_addresses_of_an_aborted_upload_take_nothing(any_store, headset, session):
    upload = begin(headset, session).json()
    call(headset, session, upload, "delete")

    assert put(upload["parts"][1]["url"], VOICE[PART_SIZE:]) == 404


def test_a_finished_upload_cannot_be_aborted(headset, session):
    upload = begin(headset, session).json()
    put_parts(upload)
    recording = complete(headset, session, upload).json()

    assert call(headset, session, upload, "delete").status_code == 409
    assert Recording.objects.filter(pk=recording["id"]).exists()


def test_a_deleted_session_takes_its_parts_along(any_store, as_analyst, headset, session):
    put_parts(begin(headset, session).json())

    assert as_analyst.delete(f"{API}/sessions/{session.pk}").status_code == 204
    assert parts_of(session) == []
    assert list(default_storage.keys(f"uploads/session_{session.pk}/")) == []


def test_parts_that_are_begun_while_their_session_is_deleted_go_along(
    as_analyst, headset, session, monkeypatch
):
    begin(headset, session)
    discard = ResumableUpload.discard

    def overtaken(upload):
        monkeypatch.setattr(ResumableUpload, "discard", discard)
        discard(upload)
        begin(headset, session, long_voice())

    monkeypatch.setattr(ResumableUpload, "discard", overtaken)

    assert as_analyst.delete(f"{API}/sessions/{session.pk}").status_code == 204
    assert parts_of(session) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 0),
        ("size", -1),
        ("size", "5"),
        ("size", 1.5),
        ("size", None),
        ("sha256", "abc"),
        ("sha256", "g" * 64),
        ("sha256", None),
        ("content_type", 7),
        ("content_type", "a" * 101),
    ],
)
def test_what_cannot_be_read_is_refused(headset, session, field, value):
    answer = begin(headset, session, **{field: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_what_is_announced_too_large_is_refused(settings, headset, session):
    assert begin(headset, session, size=settings.MAX_AUDIO_SIZE).status_code == 201
    assert begin(headset, session, size=settings.MAX_AUDIO_SIZE + 1).status_code == 413


def test_what_is_no_audio_is_refused(any_store, headset, session):
    page = b"<!doctype html><title>Error</title>" * 10
    upload = begin(headset, session, page).json()
    put_parts(upload, page)

    answer = complete(headset, session, upload)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["file"]
    assert not Recording.with_pending.exists()


def test_a_session_that_is_full_takes_no_more(settings, headset, session):
    settings.MAX_RECORDINGS_PER_SESSION = 2
    RecordingFactory(session=session)
    begin(headset, session)

    assert begin(headset, session, long_voice()).status_code == 409


@pytest.mark.parametrize("upload_id", ["7", "x", "%00", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_upload_is_not_found(headset, session, upload_id):
    assert headset.get(f"{uploads_of(session)}/{upload_id}").status_code == 404


def test_the_upload_of_another_session_is_not_found(as_facilitator, headset, session):
    upload = begin(headset, session).json()

    answer = call(as_facilitator, SessionFactory(), upload)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Upload with id {upload['upload_id']} not found"}


def test_a_store_that_is_down_is_told_and_begins_nothing(settings, headset, session):
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))

    answer = begin(headset, session)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert not ResumableUpload.objects.exists()


def test_a_store_that_goes_down_before_the_end_loses_nothing(seaweed, settings, headset, session):
    use_r2(settings, seaweed)
    upload = begin(headset, session).json()
    put_parts(upload)
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))

    assert complete(headset, session, upload).status_code == 503
    assert state_of(session) == Estado.RUNNING
    use_r2(settings, seaweed)
    assert complete(headset, session, upload).status_code == 201


def test_an_upload_can_be_cancelled_while_the_store_is_down(seaweed, settings, headset, session):
    use_r2(settings, seaweed)
    upload = begin(headset, session).json()
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))

    assert call(headset, session, upload, "delete").status_code == 204
    use_r2(settings, seaweed)
    assert call(headset, session, upload).status_code == 404

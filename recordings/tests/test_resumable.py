"""Recordings that come in parts, each of which the store takes by itself."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections

from conftest import use_r2
from recordings.disk import SignedFileSystemStorage
from recordings.models import Recording, ResumableUpload
from recordings.tests.calls import sample, send, state_of
from recordings.tests.parts import (
    PART_SIZE,
    VOICE,
    begin,
    call,
    complete,
    content_of,
    long_voice,
    object_of,
    parts_of,
    put,
    put_parts,
    sent_whole,
    sha256,
)
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def test_an_upload_is_begun_with_an_address_for_each_part(any_store, headset, session):
    answer = begin(headset, session)

    body = answer.json()
    assert answer.status_code == 201
    assert (body["part_size"], body["expires_in"]) == (PART_SIZE, 3600)
    assert [(part["number"], part["size"]) for part in body["parts"]] == [
        (1, PART_SIZE),
        (2, len(VOICE) - PART_SIZE),
    ]
    assert len({part["url"] for part in body["parts"]}) == 2


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (1, [1]),
        (PART_SIZE, [PART_SIZE]),
        (PART_SIZE + 1, [PART_SIZE, 1]),
        (3 * PART_SIZE, [PART_SIZE] * 3),
    ],
)
def test_all_parts_but_the_last_are_of_equal_size(headset, session, size, sizes):
    parts = begin(headset, session, size=size).json()["parts"]

    assert [part["size"] for part in parts] == sizes


def test_the_parts_become_a_recording_like_any_other(any_store, headset, session):
    answer = sent_whole(headset, session)

    body = answer.json()
    assert answer.status_code == 201
    assert body["session_id"] == session.pk
    assert (body["file_size"], body["sha256"]) == (len(VOICE), sha256(VOICE))
    assert (body["formato"], body["is_processed"]) == ("audio/wav", True)
    assert body["duracion_segundos"] == pytest.approx((len(VOICE) - 44) / 32_000, abs=0.001)
    assert body["audio_url"].startswith(f"recordings/session_{session.pk}/")
    assert body["audio_url"].endswith(".wav")
    assert object_of(body["audio_url"]) == VOICE
    assert state_of(session) == Estado.AUDIO_UPLOADED


def test_its_body_is_that_of_an_upload(as_analyst, headset_of):
    uploaded, resumed = SessionFactory(), SessionFactory()
    first = send(headset_of(uploaded), uploaded, VOICE).json()
    second = sent_whole(headset_of(resumed), resumed).json()

    own = {"id", "session_id", "audio_url", "created_at", "uploaded_at"}
    assert first.keys() == second.keys()
    assert {name: first[name] for name in first.keys() - own} == {
        name: second[name] for name in second.keys() - own
    }


def test_nothing_is_left_of_the_parts(any_store, headset, session):
    sent_whole(headset, session)

    assert list(default_storage.keys(f"uploads/session_{session.pk}/")) == []
    assert parts_of(session) == []


@pytest.mark.one_database
def test_the_object_says_how_it_is_to_be_downloaded(settings, seaweed, headset, session):
    use_r2(settings, seaweed)
    content = sample("voz.mp3")
    body = sent_whole(headset, session, content).json()

    head = seaweed.client().head_object(Bucket=seaweed.bucket, Key=body["audio_url"])
    name = f"{session.session_code}__{body['id']}.mp3"
    assert head["ContentType"] == "audio/mpeg"
    assert head["ContentDisposition"] == f'attachment; filename="{name}"'


def test_what_arrived_is_told_and_the_rest_gets_new_addresses(any_store, headset, session):
    upload = begin(headset, session).json()
    put(upload["parts"][1]["url"], content_of(upload["parts"][1], VOICE))

    answer = call(headset, session, upload)

    body = answer.json()
    assert answer.status_code == 200
    assert body["arrived"] == [2]
    assert [(part["number"], part["size"]) for part in body["parts"]] == [(1, PART_SIZE)]
    assert (body["upload_id"], body["recording"]) == (upload["upload_id"], None)
    assert put(body["parts"][0]["url"], VOICE[:PART_SIZE]) == 200
    assert complete(headset, session, upload).status_code == 201


def test_an_upload_can_be_found_again_by_beginning_it_again(any_store, headset, session):
    first = begin(headset, session).json()

    second = begin(headset, session)

    assert second.status_code == 201
    assert second.json()["upload_id"] == first["upload_id"]
    assert len(parts_of(session)) == 1


def test_an_upload_whose_parts_the_store_forgot_is_begun_anew(any_store, headset, session):
    first = begin(headset, session).json()
    ResumableUpload.objects.get().discard()

    assert call(headset, session, first).status_code == 404
    second = begin(headset, session)
    assert second.status_code == 201
    assert second.json()["upload_id"] != first["upload_id"]


def test_what_the_session_has_already_need_not_be_sent(headset, session):
    recording = send(headset, session, VOICE).json()

    answer = begin(headset, session, sha256=sha256(VOICE).upper())

    assert answer.status_code == 200
    assert answer.json() == {"recording": recording}
    assert not ResumableUpload.objects.exists()


def test_a_session_that_runs_by_then_moves_on_all_the_same(headset_of):
    session = SessionFactory(estado=Estado.READY_TO_START)
    headset = headset_of(session)
    send(headset, session, VOICE)
    session.transition_to(Estado.RUNNING, by=SimpleNamespace(kind="system", user=None, email=""))

    begin(headset, session)

    assert state_of(session) == Estado.AUDIO_UPLOADED


def test_a_recording_whose_audio_was_lost_is_sent_again(any_store, headset, session):
    lost = send(headset, session, VOICE).json()
    default_storage.delete(lost["audio_url"])
    Recording.objects.update(storage_fault="missing")

    answer = sent_whole(headset, session)

    assert (answer.status_code, answer.json()) == (200, lost)
    assert object_of(lost["audio_url"]) == VOICE


def test_missing_parts_are_named_and_the_upload_stays_open(any_store, headset, session):
    upload = begin(headset, session).json()
    put(upload["parts"][0]["url"], VOICE[:PART_SIZE])

    answer = complete(headset, session, upload)

    assert answer.status_code == 409
    assert "2" in answer.json()["detail"]
    assert not Recording.with_pending.exists()
    assert state_of(session) == Estado.RUNNING
    put(upload["parts"][1]["url"], VOICE[PART_SIZE:])
    assert complete(headset, session, upload).status_code == 201


@pytest.mark.parametrize("any_store", ["disk", "moto"], indirect=True)  # SeaweedFS keeps both
def test_a_part_of_another_size_counts_as_missing(any_store, headset, session):
    upload = begin(headset, session).json()
    put_parts(upload)
    put(upload["parts"][1]["url"], VOICE[PART_SIZE:-1])

    assert complete(headset, session, upload).status_code == 409
    assert call(headset, session, upload).json()["arrived"] == [1]
    put(upload["parts"][1]["url"], VOICE[PART_SIZE:])
    assert complete(headset, session, upload).status_code == 201


def test_other_bytes_than_were_announced_are_refused_and_can_be_sent_again(
    any_store, headset, session
):
    upload = begin(headset, session).json()
    other = long_voice()
    put_parts(upload, other)

    answer = complete(headset, session, upload)

    assert answer.status_code == 409
    assert sha256(VOICE) in answer.json()["detail"]
    assert sha256(other) in answer.json()["detail"]
    assert not Recording.with_pending.exists()
    again = call(headset, session, upload).json()
    assert (again["arrived"], len(again["parts"])) == ([], 2)
    put_parts(again)
    assert complete(headset, session, upload).status_code == 201


def test_completing_twice_is_one_recording(any_store, headset, session):
    upload = begin(headset, session).json()
    put_parts(upload)
    first = complete(headset, session, upload)

    second = complete(headset, session, upload)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert Recording.with_pending.count() == 1


def test_a_finished_upload_names_its_recording(headset, session):
    upload = begin(headset, session).json()
    put_parts(upload)
    recording = complete(headset, session, upload).json()

    body = call(headset, session, upload).json()

    assert body["recording"] == recording
    assert (body["arrived"], body["parts"]) == ([1, 2], [])


def test_an_upload_whose_bytes_came_whole_meanwhile_is_complete(any_store, headset, session):
    upload = begin(headset, session).json()
    recording = send(headset, session, VOICE).json()

    answer = complete(headset, session, upload)

    assert (answer.status_code, answer.json()) == (200, recording)
    assert parts_of(session) == []


def test_an_upload_that_is_finished_while_it_is_begun_again_is_kept(
    any_store, headset, session, monkeypatch
):
    upload = begin(headset, session).json()
    put_parts(upload)
    is_in_store = ResumableUpload.is_in_store

    def overtaken(same):
        monkeypatch.setattr(ResumableUpload, "is_in_store", is_in_store)
        assert complete(headset, session, upload).status_code == 201
        return same.is_in_store()

    monkeypatch.setattr(ResumableUpload, "is_in_store", overtaken)

    assert begin(headset, session).status_code == 409
    assert begin(headset, session).json()["recording"] == complete(headset, session, upload).json()


@pytest.mark.django_db(transaction=True)
def test_nothing_holds_a_connection_while_the_store_is_asked(headset, session, monkeypatch):
    holding = []

    def watched(name):
        asked = getattr(SignedFileSystemStorage, name)

        def ask(*arguments, **options):
            if connection.connection is not None:
                holding.append(name)
            return asked(*arguments, **options)

        monkeypatch.setattr(SignedFileSystemStorage, name, ask)

    for name in ("exists", "begin_parts", "stored_parts", "join_parts", "copy", "discard_parts"):
        watched(name)
    upload = begin(headset, session).json()
    begin(headset, session)
    call(headset, session, upload)
    put_parts(upload)
    complete(headset, session, upload)
    call(headset, session, begin(headset, session, long_voice()).json(), "delete")

    assert holding == []


@pytest.mark.parametrize("any_store", ["disk", "seaweedfs"], indirect=True)  # moto has no threads
@pytest.mark.django_db(transaction=True)
def test_of_many_that_complete_at_once_one_makes_the_recording(any_store, headset_of, session):
    upload = begin(headset_of(session), session).json()
    put_parts(upload)

    def complete_once(_number):
        try:
            return complete(headset_of(session), session, upload)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        statuses = [answer.status_code for answer in pool.map(complete_once, range(6))]

    assert statuses.count(201) == 1
    assert set(statuses) == {200, 201}
    assert complete(headset_of(session), session, upload).status_code == 200
    assert Recording.with_pending.count() == len(list(any_store.keys("recordings/"))) == 1
    assert session.events.filter(to_estado=Estado.AUDIO_UPLOADED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_that_begin_at_once_all_get_the_same_upload(headset_of, session):
    def begin_once(_number):
        try:
            return begin(headset_of(session), session)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(begin_once, range(6)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["upload_id"] for answer in answers}) == 1
    assert len(parts_of(session)) == 1

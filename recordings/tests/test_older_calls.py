"""The recordings' own addresses: upload with a session's id, list, get and delete."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessRecord
from recordings.models import Recording
from recordings.tests.calls import API, sample, send, stored_keys
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db

VOICE = sample("voz.mp3")


def upload(client, **fields):
    form = {"file": SimpleUploadedFile("voz.mp3", VOICE, "audio/mpeg"), **fields}
    return client.post(f"{API}/recordings/upload", form, format="multipart")


def listed(client, query=""):
    return [row["id"] for row in client.get(f"{API}/recordings{query}").json()["results"]]


def recorded_at(day, hour=12):
    return RecordingFactory(created_at=datetime(2026, 1, day, hour, tzinfo=UTC))


def test_the_older_upload_answers_and_stores_like_the_other(as_analyst, session):
    answer = upload(as_analyst, session_id=session.pk)

    assert answer.status_code == 201
    assert answer.json()["session_id"] == session.pk
    assert answer.json()["formato"] == "audio/mpeg"
    assert stored_keys() == [answer.json()["audio_url"]]
    session.refresh_from_db()
    assert session.estado == Estado.AUDIO_UPLOADED


def test_both_uploads_know_the_same_recording(as_analyst, headset, session):
    first = send(headset, session, VOICE)

    again = upload(as_analyst, session_id=session.pk)

    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize("missing", ["file", "session_id"])
def test_the_older_upload_needs_both_fields(as_analyst, session, missing):
    form = {"file": SimpleUploadedFile("voz.mp3", VOICE), "session_id": session.pk}
    del form[missing]

    answer = as_analyst.post(f"{API}/recordings/upload", form, format="multipart")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [missing]
    assert stored_keys() == []


@pytest.mark.parametrize("number", ["999999", "x", "-1", "9" * 30, "1.0"])
def test_the_older_upload_does_not_find_an_unknown_session(as_analyst, number):
    answer = upload(as_analyst, session_id=number)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {number} not found"}
    assert stored_keys() == []


def test_the_older_upload_takes_no_json(as_analyst, session):
    answer = as_analyst.post(f"{API}/recordings/upload", {"session_id": session.pk})

    assert answer.status_code == 415


def test_upload_list_and_get_answer_the_same_body(as_analyst, session):
    body = upload(as_analyst, session_id=session.pk).json()

    assert as_analyst.get(f"{API}/recordings/{body['id']}").json() == body
    assert as_analyst.get(f"{API}/recordings").json()["results"] == [body]


def test_the_list_is_a_page_in_the_order_of_ids(as_analyst):
    late, early = recorded_at(9), recorded_at(1)

    answer = as_analyst.get(f"{API}/recordings").json()

    assert set(answer) == {"count", "next", "previous", "results"}
    assert [row["id"] for row in answer["results"]] == [late.pk, early.pk]


def test_the_list_comes_in_parts(as_analyst):
    recordings = RecordingFactory.create_batch(3)

    answer = as_analyst.get(f"{API}/recordings?limit=1&offset=1").json()

    assert (answer["count"], [row["id"] for row in answer["results"]]) == (3, [recordings[1].pk])


def test_the_list_can_be_of_one_session(as_analyst):
    recording, _other = RecordingFactory(), RecordingFactory()

    assert listed(as_analyst, f"?session_id={recording.session_id}") == [recording.pk]


def test_the_list_of_a_session_that_is_not_there_is_empty(as_analyst):
    RecordingFactory()

    assert listed(as_analyst, "?session_id=999999") == []


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("?desde=2026-01-02", [2, 3]),
        ("?hasta=2026-01-02", [1, 2]),
        ("?desde=2026-01-02&hasta=2026-01-02", [2]),
        ("?desde=2026-01-02T07:00:00-05:00", [2, 3]),
        ("?desde=2026-01-02T12:00:01Z", [3]),
        ("?hasta=2026-01-02T11:59:59Z", [1]),
        ("?desde=2026-01-04", []),
    ],
)
def test_the_list_can_be_of_some_days(as_analyst, query, days):
    ids = {recorded_at(day).pk: day for day in (1, 2, 3)}

    assert [ids[number] for number in listed(as_analyst, query)] == days


def test_a_day_is_one_of_the_projects_time_zone(as_analyst):
    """At 03:00 UTC on the 2nd it is still the 1st in Lima."""
    night = recorded_at(2, hour=3)

    assert listed(as_analyst, "?desde=2026-01-01&hasta=2026-01-01") == [night.pk]
    assert listed(as_analyst, "?desde=2026-01-02") == []


@pytest.mark.parametrize(
    "query",
    [
        "session_id=x",
        "session_id=-1",
        "session_id=1.5",
        "desde=ayer",
        "hasta=2026-13-01",
        "hasta=2026-02-30",
        "desde=1",
        "limit=x",
        "limit=0",
        "offset=-1",
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(as_analyst, query):
    answer = as_analyst.get(f"{API}/recordings?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


def test_the_lists_queries_do_not_grow_with_its_rows(as_analyst, django_assert_num_queries):
    RecordingFactory()
    with CaptureQueriesContext(connection) as of_one:
        as_analyst.get(f"{API}/recordings")
    RecordingFactory.create_batch(4)

    with django_assert_num_queries(len(of_one)):
        assert len(listed(as_analyst)) == 5


@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", "1.0", "9" * 30, "1%00"])
@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("get", "/download")])
def test_a_recording_that_is_not_there_is_not_found(as_analyst, method, path, number):
    answer = getattr(as_analyst, method)(f"{API}/recordings/{number}{path}")

    assert answer.status_code == 404
    if "%" not in number:
        assert answer.json() == {"detail": f"Recording with id {number} not found"}


def test_a_deletion_removes_row_and_object_from_any_store(any_store, as_analyst):
    recording = RecordingFactory()

    answer = as_analyst.delete(f"{API}/recordings/{recording.pk}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert not Recording.with_pending.exists()
    assert not any_store.exists(recording.audio_url)


def test_a_second_deletion_finds_nothing(as_analyst):
    recording = RecordingFactory()
    as_analyst.delete(f"{API}/recordings/{recording.pk}")

    assert as_analyst.delete(f"{API}/recordings/{recording.pk}").status_code == 404
    assert as_analyst.get(f"{API}/recordings/{recording.pk}").status_code == 404


def test_a_deletion_spares_the_other_recordings_of_the_session(as_analyst, session):
    gone, kept = RecordingFactory(session=session), RecordingFactory(session=session)

    as_analyst.delete(f"{API}/recordings/{gone.pk}")

    assert listed(as_analyst) == [kept.pk]
    assert stored_keys() == [kept.audio_url]


def test_a_deletion_leaves_the_sessions_state_alone(as_analyst, headset, session):
    number = send(headset, session, VOICE).json()["id"]

    as_analyst.delete(f"{API}/recordings/{number}")

    session.refresh_from_db()
    assert session.estado == Estado.AUDIO_UPLOADED


def test_after_a_deletion_the_session_names_the_one_before(as_analyst):
    session = SessionFactory()
    older, newer = RecordingFactory(session=session), RecordingFactory(session=session)

    as_analyst.delete(f"{API}/recordings/{newer.pk}")

    assert as_analyst.get(f"{API}/sessions/{session.pk}").json()["recording_id"] == older.pk


def test_the_record_of_downloads_outlives_the_recording(as_analyst):
    recording = RecordingFactory()
    as_analyst.get(f"{API}/recordings/{recording.pk}/download")

    as_analyst.delete(f"{API}/recordings/{recording.pk}")

    access = AccessRecord.objects.get()
    assert (access.session_number, access.recording_number) == (recording.session_id, recording.pk)

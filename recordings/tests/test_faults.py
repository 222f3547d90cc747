"""Uploads that meet a store that is down, or somebody else at the same moment."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

import pytest
from django.core.files.base import ContentFile
from django.db import connections

from conftest import use_r2, use_store
from recordings import services
from recordings.models import Recording
from recordings.tests.calls import API, sample, send, state_of, stored_keys
from recordings.tests.factories import RecordingFactory
from sessions_app.actors import SYSTEM
from sessions_app.choices import Estado
from sessions_app.models import Session
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db

VOICE = sample("voz.mp3")
DISK = "recordings.disk.SignedFileSystemStorage"


@pytest.fixture(params=["nothing listens at the endpoint", "the folder is a file"])
def take_store_down(request, settings, tmp_path):
    """Takes the store down when it is called, and up again when what it returned is."""

    def unreachable():
        use_r2(settings, ObjectStore("http://127.0.0.1:1"))
        return lambda: use_store(settings, DISK, {"location": tmp_path / "audio"})

    def blocked():
        folder = tmp_path / "audio"
        if folder.exists():
            folder.rename(tmp_path / "aside")
        folder.touch()

        def mend():
            folder.unlink()
            if (tmp_path / "aside").exists():
                (tmp_path / "aside").rename(folder)

        return mend

    return unreachable if request.param.startswith("nothing") else blocked


@pytest.fixture
def nobody_gets_a_turn(monkeypatch):
    monkeypatch.setattr(services, "_storing", Semaphore(0))


def nothing_is_left():
    return not Recording.with_pending.exists() and stored_keys() == []


def test_an_upload_while_the_store_is_down_leaves_nothing(
    headset, session, upload_folder, take_store_down
):
    take_store_down()

    answer = send(headset, session, VOICE)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert isinstance(answer.json()["detail"], str)
    assert not Recording.with_pending.exists()
    assert state_of(session) == Estado.RUNNING
    assert list(upload_folder.iterdir()) == []


def test_an_upload_is_stored_when_it_is_tried_again(headset, session, take_store_down):
    bring_up = take_store_down()
    send(headset, session, VOICE)
    bring_up()

    answer = send(headset, session, VOICE)

    assert answer.status_code == 201
    assert stored_keys() == [answer.json()["audio_url"]]
    assert state_of(session) == Estado.AUDIO_UPLOADED


def test_the_same_bytes_are_found_while_the_store_is_down(headset, session, take_store_down):
    first = send(headset, session, VOICE)
    take_store_down()

    assert send(headset, session, VOICE).json() == first.json()


def test_a_deletion_while_the_store_is_down_keeps_the_row(as_analyst, take_store_down):
    recording = RecordingFactory()
    take_store_down()

    answer = as_analyst.delete(f"{API}/recordings/{recording.pk}")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert Recording.objects.filter(pk=recording.pk).exists()


def test_a_deletion_is_done_when_it_is_tried_again(as_analyst, take_store_down):
    recording = RecordingFactory()
    bring_up = take_store_down()
    as_analyst.delete(f"{API}/recordings/{recording.pk}")
    bring_up()

    assert as_analyst.delete(f"{API}/recordings/{recording.pk}").status_code == 204
    assert nothing_is_left()


def test_a_row_whose_object_is_gone_can_be_deleted(as_analyst):
    recording = RecordingFactory(content=None)

    assert as_analyst.delete(f"{API}/recordings/{recording.pk}").status_code == 204


def test_of_two_uploads_of_the_same_bytes_one_is_stored(headset, session, during_put):
    rival = []
    during_put(lambda: rival.append(send(headset, session, VOICE)))

    answer = send(headset, session, VOICE)

    assert (answer.status_code, answer.json()) == (200, rival[0].json())
    assert Recording.with_pending.count() == 1
    assert stored_keys() == [answer.json()["audio_url"]]


def test_a_session_that_fills_up_meanwhile_takes_no_more(settings, headset, session, during_put):
    settings.MAX_RECORDINGS_PER_SESSION = 1
    during_put(lambda: RecordingFactory(session=session))

    answer = send(headset, session, VOICE)

    assert answer.status_code == 409
    assert Recording.with_pending.count() == len(stored_keys()) == 1
    assert state_of(session) == Estado.RUNNING


def test_a_session_that_is_deleted_meanwhile_leaves_nothing(
    headset, session, as_analyst, during_put
):
    during_put(lambda: as_analyst.delete(f"{API}/sessions/{session.pk}"))

    answer = send(headset, session, VOICE)

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {session.pk} not found"}
    assert nothing_is_left()


def test_an_upload_that_is_settled_while_its_session_is_deleted_leaves_nothing(
    session, as_analyst, pending, monkeypatch
):
    delete_object = Recording.delete_object

    def overtaken(recording):
        delete_object(recording)
        if not Recording.objects.exists():
            pending.put(ContentFile(VOICE))
            pending.settle(by=SYSTEM)

    monkeypatch.setattr(Recording, "delete_object", overtaken)

    assert as_analyst.delete(f"{API}/sessions/{session.pk}").status_code == 204
    assert nothing_is_left()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_deleted_before_the_row_is_written_leaves_nothing(
    headset, session, monkeypatch
):
    identify = services.identify

    def deleting(*arguments, **options):
        Session.objects.filter(pk=session.pk).delete()
        return identify(*arguments, **options)

    monkeypatch.setattr(services, "identify", deleting)

    answer = send(headset, session, VOICE)

    assert answer.status_code == 404
    assert answer.json()["detail"] == f"Session with id {session.pk} not found"
    assert nothing_is_left()


@pytest.mark.django_db(transaction=True)
def test_of_many_simultaneous_uploads_of_the_same_bytes_one_is_stored(headset_of, session):
    def upload(_number):
        try:
            return send(headset_of(session), session, VOICE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(upload, range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Recording.with_pending.count() == len(stored_keys()) == 1
    assert session.events.filter(to_estado=Estado.AUDIO_UPLOADED).count() == 1


@pytest.fixture
def pending(session):
    """The row of an upload whose bytes are not stored yet."""
    return RecordingFactory(session=session, content=None, uploaded_at=None)


def test_a_pending_upload_is_in_no_list(as_analyst, pending):
    assert as_analyst.get(f"{API}/recordings").json()["count"] == 0


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("get", "/download")])
def test_a_pending_upload_is_not_found(as_analyst, pending, method, path):
    answer = getattr(as_analyst, method)(f"{API}/recordings/{pending.pk}{path}")

    assert answer.status_code == 404
    assert Recording.with_pending.filter(pk=pending.pk).exists()


def test_a_pending_upload_is_not_in_the_dataset(as_analyst, pending):
    answer = as_analyst.get(f"{API}/dataset")

    (entry,) = json.loads(answer.getvalue())["dataset"]
    assert (entry["recordings_count"], entry["recordings"]) == (0, [])


@pytest.mark.parametrize("path", ["sessions/{0.pk}", "sessions/by-code/{0.session_code}"])
def test_a_pending_upload_is_not_in_its_sessions_body(as_analyst, session, pending, path):
    assert as_analyst.get(f"{API}/{path.format(session)}").json()["recording_id"] is None


def test_a_pending_upload_does_not_stand_for_its_bytes(headset, session):
    RecordingFactory(session=session, content=VOICE, uploaded_at=None)

    assert send(headset, session, VOICE).status_code == 201


def test_a_pending_upload_has_no_place_among_the_twenty(settings, headset, session, pending):
    settings.MAX_RECORDINGS_PER_SESSION = 1

    assert send(headset, session, VOICE).status_code == 201


def test_an_upload_beyond_the_limit_that_reconciliation_has_settled_keeps_its_audio(
    settings, headset, session, monkeypatch
):
    settings.MAX_RECORDINGS_PER_SESSION = 1
    settle_within_limit = services._settle_within_limit

    def overtaken(pending, *, by):
        Recording.with_pending.get(pk=pending.pk).settle(by=SYSTEM)
        RecordingFactory(session=session)
        return settle_within_limit(pending, by=by)

    monkeypatch.setattr(services, "_settle_within_limit", overtaken)

    assert send(headset, session, VOICE).status_code == 409
    assert sorted(Recording.objects.values_list("audio", flat=True)) == stored_keys()


def test_an_upload_whose_turn_does_not_come_is_stored_all_the_same(
    any_store, headset, session, settings, nobody_gets_a_turn
):
    settings.STORING_TURN_SECONDS = 0

    assert send(headset, session, VOICE).status_code == 201


def test_the_log_says_why_the_store_is_unavailable_and_names_no_key(
    headset, session, settings, caplog
):
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))

    assert send(headset, session, VOICE).status_code == 503

    logged = [record.getMessage() for record in caplog.records if "outages" in record.name]
    assert logged == ["The store is unavailable: EndpointConnectionError"]
    assert "recordings/session_" not in caplog.text

"""Rows and objects that have lost each other, and how they are brought together."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from django.db.backends.utils import CursorWrapper

from conftest import use_r2
from recordings import reconciliation
from recordings.models import Recording, ResumableUpload
from recordings.outages import StoreUnavailable
from recordings.tests.calls import sample, send, state_of, stored_keys
from recordings.tests.factories import RecordingFactory
from recordings.tests.parts import begin, join, put_parts
from recordings.tests.reconciling import VOICE, aged, nothing_is_found, orphan, pending, reconcile
from sessions_app.choices import ActorKind, Estado
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db


def test_nothing_is_found_where_all_is_well(any_store, headset, session):
    send(headset, session, VOICE)

    assert nothing_is_found("--deep")


def test_an_interrupted_upload_whose_audio_is_stored_is_finished(any_store, session):
    recording = pending(session)

    assert reconcile() == ["subidas interrumpidas que se terminaron: 1"]
    assert Recording.objects.get() == recording
    assert state_of(session) == Estado.AUDIO_UPLOADED
    assert session.events.get(to_estado=Estado.AUDIO_UPLOADED).actor_kind == ActorKind.SYSTEM
    assert nothing_is_found()


def test_an_interrupted_upload_without_audio_is_dropped(any_store, session):
    pending(session, content=None)

    assert reconcile() == ["subidas interrumpidas que se descartaron: 1"]
    assert not Recording.with_pending.exists()
    assert state_of(session) == Estado.RUNNING
    assert nothing_is_found()


def test_an_interrupted_upload_with_other_bytes_is_dropped_with_them(any_store, session):
    recording = pending(session, sha256=hashlib.sha256(b"otra voz").hexdigest())

    assert reconcile() == ["subidas interrumpidas que se descartaron: 1"]
    assert not Recording.with_pending.exists()
    assert not default_storage.exists(recording.audio_url)
    assert nothing_is_found()


def test_an_interrupted_upload_that_was_sent_again_is_a_copy(any_store, headset, session):
    copy = pending(session)
    kept = send(headset, session, VOICE).json()

    assert reconcile() == ["copias de más que se borraron: 1"]
    assert Recording.with_pending.get().pk == kept["id"]
    assert not default_storage.exists(copy.audio_url)
    assert default_storage.exists(kept["audio_url"])
    assert nothing_is_found()


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_is_under_way_while_its_row_is_dropped_is_stored_all_the_same(
    headset, session, during_put
):
    during_put(reconcile)

    answer = send(headset, session, VOICE)

    assert answer.status_code == 201
    assert Recording.objects.get().pk == answer.json()["id"]
    assert stored_keys() == [answer.json()["audio_url"]]
    assert nothing_is_found("--deep")


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_is_adopted_before_it_is_settled_is_one_recording(
    headset, session, monkeypatch
):
    settle = Recording.settle

    def overtaken(recording, *, by):
        monkeypatch.setattr(Recording, "settle", settle)
        Recording.with_pending.filter(pk=recording.pk).delete()
        reconcile()
        return settle(recording, by=by)

    monkeypatch.setattr(Recording, "settle", overtaken)

    answer = send(headset, session, VOICE)

    assert answer.status_code == 201
    assert stored_keys() == [answer.json()["audio_url"]]
    assert Recording.with_pending.count() == 1
    assert nothing_is_found("--deep")


def test_audio_without_a_row_is_adopted_by_the_session_in_its_key(any_store, session):
    key = orphan(session)

    assert reconcile() == ["audios sin grabación que se adoptaron: 1"]
    recording = Recording.objects.get()
    assert (recording.session, recording.audio_url) == (session, key)
    assert recording.sha256 == hashlib.sha256(VOICE).hexdigest()
    assert (recording.formato, recording.file_size) == ("audio/mpeg", len(VOICE))
    assert recording.is_processed
    assert recording.duracion_segundos > 0
    assert state_of(session) == Estado.AUDIO_UPLOADED
    assert nothing_is_found("--deep")


@pytest.mark.one_database
def test_adopted_audio_is_downloaded_under_its_own_name(settings, seaweed, session):
    use_r2(settings, seaweed)
    key = orphan(session)

    reconcile()

    head = seaweed.client().head_object(Bucket=seaweed.bucket, Key=key)
    name = Recording.objects.get().download_name
    assert head["ContentDisposition"] == f'attachment; filename="{name}"'
    assert head["ContentType"] == "audio/mpeg"


def test_audio_that_the_session_has_already_is_a_copy(any_store, headset, session):
    kept = send(headset, session, VOICE).json()
    copy = orphan(session)

    assert reconcile() == ["copias de más que se borraron: 1"]
    assert not default_storage.exists(copy)
    assert default_storage.exists(kept["audio_url"])
    assert nothing_is_found()


def test_a_copy_takes_the_place_of_audio_that_was_lost(any_store, headset, session):
    lost = send(headset, session, VOICE).json()
    default_storage.delete(lost["audio_url"])
    orphan(session)

    assert reconcile() == ["copias de más que se borraron: 1"]
    assert b"".join(default_storage.chunks_of(lost["audio_url"])) == VOICE
    assert nothing_is_found("--deep")


def test_audio_that_got_its_row_since_it_was_listed_is_no_copy(session):
    run = reconciliation.Reconciliation(storage=default_storage)
    key = orphan(session)
    listed = list(run._keys_without_row())
    reconcile()

    assert [run._adopt(name) for name in listed] == [None]
    assert stored_keys() == [key]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_lose_no_audio_without_a_row(session):
    for number in range(12):
        name = f"{number:08x}-6f0c-4b44-9a39-0f6d0c3a5b1e.mp3"
        orphan(session, VOICE + bytes([number]), name)

    def reconcile_once(_number):
        try:
            return reconcile()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(reconcile_once, range(3)))

    reconcile()
    assert len(stored_keys()) == Recording.objects.count() == 12
    assert nothing_is_found("--deep")


def test_a_copy_that_waits_takes_the_place_of_audio_that_was_lost(any_store, headset, session):
    lost = send(headset, session, VOICE).json()
    default_storage.delete(lost["audio_url"])
    pending(session)

    assert reconcile() == ["copias de más que se borraron: 1"]
    assert b"".join(default_storage.chunks_of(lost["audio_url"])) == VOICE
    assert nothing_is_found("--deep")


@pytest.mark.django_db(transaction=True)
def test_audio_whose_session_is_deleted_while_it_is_adopted_goes_along(session, monkeypatch):
    key = orphan(session)

    def overtaken(*arguments):
        session.delete()
        return measure(*arguments)

    measure = reconciliation.measure_in_turn
    monkeypatch.setattr(reconciliation, "measure_in_turn", overtaken)

    reconcile()

    assert not default_storage.exists(key)
    assert not Recording.with_pending.exists()


def test_audio_of_a_session_that_is_gone_is_counted_and_left(any_store, session):
    key = orphan(session)
    session.delete()

    left = ["audios de sesiones que no existen (se dejan como están): 1", "Nada que conciliar."]
    assert reconcile() == left
    assert default_storage.exists(key)
    assert reconcile("--verbosity=2") == [left[0].replace("1", key), *left]


def test_audio_of_a_session_that_is_gone_is_deleted_when_that_is_asked_for(any_store, session):
    key = orphan(session)
    session.delete()

    assert reconcile("--delete-orphans") == ["audios de sesiones que no existen que se borraron: 1"]
    assert not default_storage.exists(key)
    assert nothing_is_found()


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("recordings/session_{}/pagina.wav", b"<!doctype html><p>Error"),
        ("recordings/session_{}/vacio.wav", b""),
        ("recordings/notas.txt", VOICE),
    ],
)
def test_what_is_no_recording_is_counted_and_left(any_store, session, key, content):
    key = key.format(session.pk)
    default_storage.save(key, ContentFile(content))

    assert reconcile() == [
        "objetos que no son una grabación (se dejan como están): 1",
        "Nada que conciliar.",
    ]
    assert default_storage.exists(key)
    assert not Recording.with_pending.exists()


def test_a_dry_run_says_the_same_and_changes_nothing(any_store, headset, session, any_age):
    lost = RecordingFactory(session=session, content=b"perdida")
    default_storage.delete(lost.audio_url)
    pending(session)
    orphan(session, sample("voz.flac"), "3f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1f.flac")
    begin(headset, session)
    aged()
    keys = sorted(default_storage.keys("recordings/"))

    planned = reconcile("--dry-run")

    assert sorted(default_storage.keys("recordings/")) == keys
    assert Recording.with_pending.filter(uploaded_at=None).count() == 1
    assert Recording.objects.get().storage_fault == ""
    assert ResumableUpload.objects.count() == 1
    assert state_of(session) == Estado.RUNNING
    assert [line.removeprefix("(simulación) ") for line in planned] == reconcile()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_each_thing_once(session, headset):
    pending(session)
    orphan(session, sample("voz.flac"), "3f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1f.flac")
    put_parts(begin(headset, session).json())
    join(ResumableUpload.objects.get())
    lost = RecordingFactory(session=session, content=b"perdida")
    default_storage.delete(lost.audio_url)

    def reconcile_once(_number):
        try:
            return reconcile()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(reconcile_once, range(2)))

    reconcile()  # one may have met what the other was about to finish
    assert nothing_is_found("--deep")
    stored = Recording.objects.filter(storage_fault="")
    assert sorted(stored.values_list("audio", flat=True)) == stored_keys()
    assert stored.count() == 3
    assert Recording.with_pending.count() == 4
    assert session.events.filter(to_estado=Estado.AUDIO_UPLOADED).count() == 1


def test_a_store_that_is_down_is_told_and_nothing_is_changed(settings, session):
    recording = pending(session)
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))

    with pytest.raises(CommandError, match="almacén"):
        reconcile()

    assert Recording.with_pending.filter(pk=recording.pk).exists()


def test_a_store_that_goes_away_half_way_does_not_hide_what_was_mended(session, monkeypatch):
    pending(session)

    def fail(_self, _prefix):
        raise StoreUnavailable

    monkeypatch.setattr(type(default_storage._wrapped), "unfinished_parts", fail)
    out = io.StringIO()

    with pytest.raises(CommandError, match="almacén"):
        call_command("reconcile_recordings", stdout=out, stderr=io.StringIO())

    assert out.getvalue().splitlines() == ["subidas interrumpidas que se terminaron: 1"]


@pytest.mark.parametrize("command", ["reconcile_recordings", "process_recordings"])
def test_a_database_that_is_gone_is_told_in_a_line(monkeypatch, command):
    def fail(*_arguments):
        raise OperationalError("connection refused")

    monkeypatch.setattr(CursorWrapper, "execute", fail)

    with pytest.raises(CommandError, match="base de datos"):
        call_command(command, stdout=io.StringIO(), stderr=io.StringIO())


def test_what_cannot_be_read_keeps_nothing_else_from_being_mended(session, monkeypatch):
    pending(session)
    damaged = orphan(session, b"x", "3f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1f.flac")
    chunks_of = default_storage.chunks_of

    def failing(key):
        if key == damaged:
            raise StoreUnavailable
        return chunks_of(key)

    monkeypatch.setattr(
        type(default_storage._wrapped), "chunks_of", lambda _self, key: failing(key)
    )

    with pytest.raises(CommandError, match="No se pudo leer todo"):
        reconcile()

    assert Recording.objects.count() == 1


def test_a_fault_at_one_thing_does_not_keep_the_others_from_being_looked_at(session, monkeypatch):
    pending(session)
    orphan(session, sample("voz.flac"), "3f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1f.flac")
    measure_in_turn = reconciliation.measure_in_turn

    def faulty(path):
        monkeypatch.setattr(reconciliation, "measure_in_turn", measure_in_turn)
        raise RuntimeError

    monkeypatch.setattr(reconciliation, "measure_in_turn", faulty)

    with pytest.raises(CommandError):
        reconcile()
    assert Recording.objects.count() == 1
    assert reconcile() == ["subidas interrumpidas que se terminaron: 1"]

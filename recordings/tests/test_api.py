"""Uploading: what is answered, stored and moved on."""

import hashlib
import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from recordings.choices import Aviso
from recordings.models import Recording
from recordings.tests.calls import API, sample, send, state_of, stored_keys
from recordings.tests.factories import RecordingFactory
from recordings.tests.sounds import encode, silence, tone
from sessions_app.choices import NEXT_ESTADO, ActorKind, Estado
from sessions_app.tests.factories import SessionFactory

pytestmark = pytest.mark.django_db

VOICE = sample("voz.mp3")
OTHER_VOICE = sample("voz.ogg")


@pytest.fixture
def full_session(session):
    """A session with as many recordings as it may have; `VOICE` is one of them."""
    RecordingFactory.create_batch(19, session=session)
    RecordingFactory(session=session, content=VOICE)
    return session


def test_the_bytes_of_an_upload_reach_any_store_unchanged(any_store, headset_of, spoken_wav):
    session = SessionFactory(estado=Estado.RUNNING)

    answer = send(headset_of(session), session, spoken_wav)

    assert answer.status_code == 201, answer.json()
    with any_store.open(answer.json()["audio_url"]) as stored:
        assert stored.read() == spoken_wav


def test_the_answer_describes_the_recording(headset, session, spoken_wav):
    body = send(headset, session, spoken_wav).json()

    recording = Recording.objects.get()
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-05:00")
    assert moment.fullmatch(body.pop("created_at"))
    assert moment.fullmatch(body.pop("uploaded_at"))
    assert body.pop("duracion_segundos") == pytest.approx(8.5986, abs=0.01)
    quality = body.pop("calidad")
    assert body == {
        "id": recording.pk,
        "session_id": session.pk,
        "audio_url": recording.audio_url,
        "formato": "audio/wav",
        "file_size": len(spoken_wav),
        "sha256": hashlib.sha256(spoken_wav).hexdigest(),
        "is_processed": True,
        "metadata_carga": {},
        "avisos": [],
        "avisos_mensajes": [],
    }
    assert list(quality) == [
        "contenedor",
        "codec",
        "duracion_segundos",
        "frecuencia_hz",
        "canales",
        "pico_dbfs",
        "rms_dbfs",
        "proporcion_saturada",
        "proporcion_silencio",
    ]
    assert (quality["contenedor"], quality["codec"]) == ("wav", "pcm_s16le")
    assert (quality["frecuencia_hz"], quality["canales"]) == (16_000, 1)
    assert -60 < quality["rms_dbfs"] < quality["pico_dbfs"] <= 0


BAD_TAKES = {
    "silencio": encode(silence(3), "wav 16"),
    "saturado": encode(tone(3, level=12), "wav 16"),
    "muy_corto": encode(tone(0.5), "wav 16"),
    "truncado": encode(tone(4), "wav 16")[:200_000],
    "no_decodificable": b"RIFF\x24\x00\x00\x00WAVE" + b"no es audio" * 40,
}


@pytest.mark.parametrize("aviso", BAD_TAKES)
def test_a_bad_take_is_stored_as_it_is_and_known_at_once(headset, session, aviso):
    body = send(headset, session, BAD_TAKES[aviso]).json()

    assert body["avisos"] == [aviso]
    assert body["avisos_mensajes"] == [str(Aviso(aviso).label)]
    assert b"".join(default_storage.chunks_of(body["audio_url"])) == BAD_TAKES[aviso]


def test_the_words_of_a_warning_are_english_for_those_who_ask(headset, session):
    headset.credentials(HTTP_X_SESSION_CODE=session.session_code, HTTP_ACCEPT_LANGUAGE="en")

    (message,) = send(headset, session, BAD_TAKES["silencio"]).json()["avisos_mensajes"]

    assert message.startswith("No voice")


def test_what_takes_too_long_to_measure_is_left_for_later(settings, headset, session, spoken_wav):
    settings.REQUEST_MEASURING_SECONDS = 0

    body = send(headset, session, spoken_wav).json()

    assert (body["is_processed"], body["calidad"], body["avisos"]) == (False, None, [])


def test_the_key_names_the_session_and_nothing_else(headset, session):
    answer = send(headset, session, VOICE, name="Juan Pérez.wav")

    uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    key = rf"recordings/session_{session.pk}/{uuid}\.mp3"
    assert re.fullmatch(key, answer.json()["audio_url"])
    assert stored_keys() == [answer.json()["audio_url"]]


def test_each_upload_has_a_key_of_its_own(headset, session):
    first = send(headset, session, VOICE).json()
    second = send(headset, session, OTHER_VOICE).json()

    assert stored_keys() == sorted([first["audio_url"], second["audio_url"]])


@pytest.mark.parametrize("estado", Estado)
def test_an_upload_is_stored_in_every_state(headset_of, estado):
    session = SessionFactory(estado=estado)

    answer = send(headset_of(session), session, VOICE)

    assert answer.status_code == 201
    assert stored_keys() == [answer.json()["audio_url"]]


@pytest.mark.parametrize("estado", [estado for estado in Estado if estado != Estado.RUNNING])
def test_an_upload_leaves_any_other_state_alone(headset_of, estado):
    session = SessionFactory(estado=estado)

    send(headset_of(session), session, VOICE)

    assert state_of(session) == estado


def test_an_upload_moves_a_running_session_on(headset, session):
    send(headset, session, VOICE)

    assert state_of(session) == Estado.AUDIO_UPLOADED


def test_the_move_is_logged_as_done_by_the_headset(headset, session):
    send(headset, session, VOICE)

    event = session.events.last()
    assert (event.from_estado, event.to_estado) == (Estado.RUNNING, Estado.AUDIO_UPLOADED)
    assert (event.actor_kind, event.user) == (ActorKind.HEADSET, None)


def test_the_move_is_logged_as_done_by_the_user(as_facilitator, facilitator, session):
    send(as_facilitator, session, VOICE)

    event = session.events.last()
    assert (event.actor_kind, event.user) == (ActorKind.USER, facilitator)


def test_the_session_names_its_newest_recording(headset, session):
    send(headset, session, VOICE)
    newest = send(headset, session, OTHER_VOICE).json()

    assert headset.get(f"{API}/sessions/{session.pk}").json()["recording_id"] == newest["id"]


def test_the_same_bytes_again_are_the_same_recording(headset, session):
    first = send(headset, session, VOICE)
    again = send(headset, session, VOICE, name="otra.bin", content_type="text/plain")

    assert (again.status_code, again.json()) == (200, first.json())
    assert Recording.with_pending.count() == 1
    assert stored_keys() == [first.json()["audio_url"]]


def test_the_same_bytes_again_move_a_session_that_runs_by_then(headset_of):
    session = SessionFactory(estado=Estado.READY_TO_START)
    headset = headset_of(session)
    send(headset, session, VOICE)
    headset.patch(f"{API}/sessions/{session.pk}/state", {"new_state": Estado.RUNNING})

    again = send(headset, session, VOICE)

    assert again.status_code == 200
    assert state_of(session) == Estado.AUDIO_UPLOADED


def test_the_same_bytes_again_move_a_session_once(headset, session):
    send(headset, session, VOICE)
    send(headset, session, VOICE)

    assert state_of(session) == NEXT_ESTADO[Estado.RUNNING]


def test_the_same_bytes_in_another_session_are_another_recording(headset, headset_of, session):
    other = SessionFactory(estado=Estado.RUNNING)
    first = send(headset, session, VOICE).json()

    answer = send(headset_of(other), other, VOICE)

    assert answer.status_code == 201
    assert answer.json()["session_id"] == other.pk
    assert len(stored_keys()) == 2
    assert answer.json()["id"] != first["id"]


def test_the_same_bytes_after_a_deletion_are_stored_anew(headset, as_analyst, session):
    first = send(headset, session, VOICE).json()
    as_analyst.delete(f"{API}/recordings/{first['id']}")

    answer = send(headset, session, VOICE)

    assert answer.status_code == 201
    assert stored_keys() == [answer.json()["audio_url"]]


def test_a_twentieth_recording_is_stored(headset, session):
    RecordingFactory.create_batch(19, session=session)

    assert send(headset, session, VOICE).status_code == 201


def test_a_twenty_first_recording_is_refused(headset, full_session):
    keys = stored_keys()

    answer = send(headset, full_session, OTHER_VOICE)

    assert answer.status_code == 409
    assert answer.json() == {"detail": "La sesión ya tiene el máximo de grabaciones."}
    assert Recording.with_pending.count() == 20
    assert stored_keys() == keys
    assert state_of(full_session) == Estado.RUNNING


def test_the_same_bytes_again_are_found_in_a_full_session(headset, full_session):
    assert send(headset, full_session, VOICE).status_code == 200


def test_another_sessions_recordings_do_not_count(headset, session):
    RecordingFactory.create_batch(20)

    assert send(headset, session, VOICE).status_code == 201


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"audio": SimpleUploadedFile("voz.wav", VOICE)},
        {"file": "una voz, pero en texto"},
        {"file": ""},
        {"file": SimpleUploadedFile("voz.wav", b"")},
    ],
    ids=["no field", "another field", "text", "empty text", "empty file"],
)
def test_an_upload_without_a_recording_is_refused(headset, session, form):
    answer = headset.post(f"{API}/sessions/{session.pk}/upload", form, format="multipart")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("file: ")
    assert list(answer.json()["errors"]) == ["file"]
    assert (Recording.with_pending.count(), stored_keys()) == (0, [])
    assert state_of(session) == Estado.RUNNING


@pytest.mark.parametrize("content_type", ["application/json", "audio/wav", "text/plain"])
def test_an_upload_that_is_no_form_is_refused(headset, session, content_type):
    answer = headset.post(
        f"{API}/sessions/{session.pk}/upload", b'{"file": "x"}', content_type=content_type
    )

    assert answer.status_code == 415
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", "9" * 30])
def test_an_upload_to_a_session_that_is_not_there_is_not_found(as_facilitator, number):
    answer = as_facilitator.post(
        f"{API}/sessions/{number}/upload",
        {"file": SimpleUploadedFile("voz.wav", VOICE)},
        format="multipart",
    )

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {number} not found"}


def test_the_address_with_a_slash_takes_uploads_too(headset, session):
    answer = headset.post(
        f"{API}/sessions/{session.pk}/upload/",
        {"file": SimpleUploadedFile("voz.wav", VOICE)},
        format="multipart",
    )

    assert answer.status_code == 201

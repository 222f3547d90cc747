"""Recordings that only name a key: the JSON call of a session, and the older one."""

import pytest

from recordings.models import Recording
from recordings.tests.calls import API, sample, send, state_of, stored_keys
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

KEY = "recordings/prueba/voz.wav"


@pytest.fixture(params=["the session's call", "the older call"])
def mock(request, as_analyst):
    """Registers a mock with a session, by either of its two calls."""

    def call(session, /, **body):
        if request.param == "the older call":
            return as_analyst.post(f"{API}/recordings", {"session_id": session.pk, **body})
        return as_analyst.post(f"{API}/sessions/{session.pk}/recording", body)

    return call


def test_a_key_alone_makes_a_recording(mock, session):
    answer = mock(session, audio_url=KEY)

    body = answer.json()
    assert answer.status_code == 201
    assert body.pop("created_at").endswith("-05:00")
    assert body.pop("uploaded_at").endswith("-05:00")
    assert body == {
        "id": Recording.objects.get().pk,
        "session_id": session.pk,
        "audio_url": KEY,
        "duracion_segundos": None,
        "formato": "audio/wav",
        "file_size": None,
        "sha256": None,
        "is_processed": False,
        "metadata_carga": {},
        "calidad": None,
        "avisos": [],
        "avisos_mensajes": [],
    }


def test_all_that_may_be_said_of_a_mock_is_kept_in_order(mock, session):
    metadata = {"z": 1, "dispositivo": {"modelo": "Quest 3", "año": 2023}, "a": [1.5, None, "x"]}

    body = mock(
        session,
        audio_url=KEY,
        duracion_segundos=12.5,
        formato="audio/x-voz",
        metadata_carga=metadata,
    ).json()

    assert (body["duracion_segundos"], body["formato"]) == (12.5, "audio/x-voz")
    assert list(body["metadata_carga"].items()) == list(metadata.items())


def test_the_metadata_keep_their_order_in_the_database(mock, session, as_analyst):
    number = mock(session, audio_url=KEY, metadata_carga={"z": 1, "m": 2, "a": 3}).json()["id"]

    body = as_analyst.get(f"{API}/recordings/{number}").json()

    assert list(body["metadata_carga"]) == ["z", "m", "a"]


@pytest.mark.parametrize(
    ("key", "formato"),
    [
        ("voz.wav", "audio/wav"),
        ("voz.MP3", "audio/mpeg"),
        ("voz.ogg", "audio/ogg"),
        ("voz.opus", "audio/ogg"),
        ("voz.webm", "audio/webm"),
        ("voz.m4a", "audio/mp4"),
        ("voz.flac", "audio/flac"),
        ("voz", "application/octet-stream"),
        ("voz.loquesea", "application/octet-stream"),
    ],
)
def test_the_format_is_by_default_the_one_that_the_key_promises(mock, session, key, formato):
    assert mock(session, audio_url=key).json()["formato"] == formato


@pytest.mark.parametrize("estado", Estado)
def test_a_mock_moves_a_session_only_from_running(mock, estado):
    session = SessionFactory(estado=estado)

    answer = mock(session, audio_url=KEY)

    moved = Estado.AUDIO_UPLOADED if estado == Estado.RUNNING else estado
    assert answer.status_code == 201
    assert state_of(session) == moved


@pytest.mark.parametrize(
    "key",
    [
        "voz",
        "recordings/session_1/voz.wav",
        "voces de prueba/Año 1 (última).wav",
        "voz..wav",
        "...",
        "a/b:c.wav",
        "v" * 500,
    ],
)
def test_a_relative_key_is_taken_as_it_is(mock, session, key):
    answer = mock(session, audio_url=key)

    assert (answer.status_code, answer.json().get("audio_url")) == (201, key)


@pytest.mark.parametrize(
    "key",
    [
        "http://example.com/voz.wav",
        "HTTPS://example.com/voz.wav",
        "hTTp:voz.wav",
        " https://example.com/voz.wav",
        "\thttp://example.com/voz.wav",
        "s3://bucket/voz.wav",
        "git+ssh://example.com/voz.wav",
        "file:voz.wav",
        "data:audio/wav;base64,AAAA",
        "javascript:alert(1)",
        "C:\\voces\\voz.wav",
        "c:/voces/voz.wav",
        "/etc/passwd",
        "  /etc/passwd",
        "//example.com/voz.wav",
        "\\\\example.com\\voz.wav",
        "\\voz.wav",
        "..",
        "../voz.wav",
        "recordings/../../voz.wav",
        "recordings/..",
        "recordings\\..\\voz.wav",
        "..\\voz.wav",
        ".",
        "./voz.wav",
        "recordings/.",
    ],
)
def test_a_key_that_leads_elsewhere_is_refused(mock, session, key):
    answer = mock(session, audio_url=key)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("audio_url: Debe ser una clave relativa")
    assert not Recording.with_pending.exists()
    assert state_of(session) == Estado.RUNNING


@pytest.mark.parametrize(
    "wrong",
    [
        {"audio_url": None},
        {"audio_url": ""},
        {"audio_url": "   "},
        {"audio_url": 12},
        {"audio_url": ["voz.wav"]},
        {"audio_url": "v" * 501},
        {"audio_url": "🎤" * 300},
        {"audio_url": "voz\x00.wav"},
        {"duracion_segundos": "12"},
        {"duracion_segundos": True},
        {"duracion_segundos": -0.1},
        {"duracion_segundos": [1]},
        {"duracion_segundos": 10**400},
        {"formato": 12},
        {"formato": ""},
        {"formato": "a" * 101},
        {"formato": {"tipo": "audio/wav"}},
        {"metadata_carga": "{}"},
        {"metadata_carga": [1]},
        {"metadata_carga": None},
        {"metadata_carga": 3},
    ],
    ids=str,
)
def test_a_mock_of_wrong_types_is_refused(mock, session, wrong):
    answer = mock(session, **{"audio_url": KEY, **wrong})

    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)
    assert not Recording.with_pending.exists()


def test_a_mock_without_a_key_is_refused(mock, session):
    answer = mock(session, formato="audio/wav")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["audio_url"]


@pytest.mark.parametrize("seconds", [None, 0, 371, 371.42])
def test_a_duration_may_be_any_length_or_unknown(mock, session, seconds):
    answer = mock(session, audio_url=KEY, duracion_segundos=seconds)

    assert (answer.status_code, answer.json()["duracion_segundos"]) == (201, seconds)


def test_what_a_caller_may_not_set_is_ignored(mock, session):
    other = SessionFactory()

    body = mock(
        session,
        audio_url=KEY,
        id=10**9,
        sha256="0" * 64,
        file_size=5,
        is_processed=True,
        uploaded_at=None,
        session=other.pk,
        desconocido=1,
    ).json()

    assert body["session_id"] == session.pk
    assert (body["file_size"], body["sha256"], body["is_processed"]) == (None, None, False)
    assert body["id"] != 10**9
    assert body["uploaded_at"] is not None


def test_a_twenty_first_mock_is_refused(mock, session):
    RecordingFactory.create_batch(20, session=session)

    answer = mock(session, audio_url=KEY)

    assert answer.status_code == 409
    assert Recording.with_pending.count() == 20
    assert state_of(session) == Estado.RUNNING


def test_deleting_a_mock_spares_the_object_that_it_names(mock, session, headset, as_analyst):
    real = send(headset, session, sample("voz.mp3")).json()
    number = mock(SessionFactory(), audio_url=real["audio_url"]).json()["id"]

    answer = as_analyst.delete(f"{API}/recordings/{number}")

    assert answer.status_code == 204
    assert stored_keys() == [real["audio_url"]]
    assert as_analyst.get(f"{API}/recordings/{real['id']}").status_code == 200


def test_deleting_a_mocks_session_spares_the_object_that_it_names(
    mock, session, headset, as_analyst
):
    real = send(headset, session, sample("voz.mp3")).json()
    other = SessionFactory()
    mock(other, audio_url=real["audio_url"])

    assert as_analyst.delete(f"{API}/sessions/{other.pk}").status_code == 204
    assert stored_keys() == [real["audio_url"]]


@pytest.mark.parametrize("key", ["recordings", "recordings/", "x" * 300, "recordings/no/hay.wav"])
def test_a_mock_that_names_no_file_has_none_to_download(mock, session, as_analyst, key):
    RecordingFactory(session=session)
    number = mock(session, audio_url=key).json()["id"]

    url = as_analyst.get(f"{API}/recordings/{number}/download").json()["download_url"]

    assert as_analyst.get(url).status_code == 404


@pytest.mark.parametrize("key", ["recordings", "x" * 300, "recordings/0.wav/voz.wav"])
def test_a_mock_that_names_no_file_does_not_stop_the_export(mock, session, as_analyst, key):
    real = RecordingFactory(session=session, audio="recordings/0.wav")
    mock(session, audio_url=key)

    archive = as_analyst.get(f"{API}/dataset/export").getvalue()

    assert f"audios/{real.download_name}".encode() in archive


def test_the_older_call_needs_a_session(as_analyst):
    answer = as_analyst.post(f"{API}/recordings", {"audio_url": KEY})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["session_id"]


@pytest.mark.parametrize("number", [999999, "999999", "x", -1, 10**30, True])
def test_the_older_call_does_not_find_an_unknown_session(as_analyst, number):
    answer = as_analyst.post(f"{API}/recordings", {"audio_url": KEY, "session_id": number})

    assert answer.status_code == 404
    assert answer.json() == {"detail": f"Session with id {number} not found"}

"""Receiving an upload: its size, its form, and the file on disk that it waits in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from recordings.models import Recording
from recordings.tests.calls import API, sample, send, state_of, stored_keys
from sessions_app.choices import Estado

pytestmark = pytest.mark.django_db

VOICE = sample("voz.mp3")
MEGABYTE = 1024 * 1024
FORM = (
    b'--limit\r\nContent-Disposition: form-data; name="file"; filename="voz.mp3"\r\n\r\n'
    + VOICE
    + b"\r\n--limit--\r\n"
)
FORM_TYPE = "multipart/form-data; boundary=limit"


def nothing_is_left():
    return not Recording.with_pending.exists() and stored_keys() == []


def test_a_recording_of_the_largest_size_is_stored(settings, headset, session):
    settings.MAX_AUDIO_SIZE = len(VOICE)

    assert send(headset, session, VOICE).status_code == 201


def test_a_recording_one_byte_larger_is_refused(settings, headset, session, upload_folder):
    settings.MAX_AUDIO_SIZE = len(VOICE) - 1

    answer = send(headset, session, VOICE)

    assert answer.status_code == 413
    assert nothing_is_left()
    assert state_of(session) == Estado.RUNNING
    assert list(upload_folder.iterdir()) == []


def test_a_recording_that_is_announced_too_large_is_refused_unread(headset, session):
    answer = headset.post(
        f"{API}/sessions/{session.pk}/upload",
        {"file": SimpleUploadedFile("voz.mp3", VOICE)},
        format="multipart",
        CONTENT_LENGTH=str(101 * MEGABYTE),
    )

    assert answer.status_code == 413
    assert answer.json() == {"detail": "La grabación supera el tamaño máximo de 100 MB."}
    assert nothing_is_left()


def test_a_form_with_megabytes_of_text_is_refused(headset, session):
    answer = headset.post(
        f"{API}/sessions/{session.pk}/upload", {"file": "x" * 3 * MEGABYTE}, format="multipart"
    )

    assert answer.status_code == 413
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (FORM, "multipart/form-data"),
        (FORM, "multipart/form-data; boundary="),
        (FORM, "multipart/form-data; boundary=l\xc3\xadmite"),
        (FORM, "multipart/form-data; boundary=another"),
        (b"", FORM_TYPE),
        (FORM[:50], FORM_TYPE),
        (FORM[:-1000], FORM_TYPE),
        (FORM.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"), FORM_TYPE),
    ],
    ids=[
        "no boundary",
        "empty boundary",
        "odd boundary",
        "another boundary",
        "empty",
        "cut short in its head",
        "cut short in its voice",
        "said to be base64",
    ],
)
def test_a_broken_form_is_refused_and_leaves_nothing(
    headset, session, upload_folder, body, content_type
):
    answer = headset.post(f"{API}/sessions/{session.pk}/upload", body, content_type=content_type)

    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)
    assert nothing_is_left()
    assert list(upload_folder.iterdir()) == []
    assert state_of(session) == Estado.RUNNING


@pytest.mark.parametrize(
    ("field", "value"),
    [("nota", b"a\x00b"), ("nota", b"\xff\xfe"), ("no\x00ta", b"x")],
    ids=["NUL", "no UTF-8", "NUL in a name"],
)
def test_text_that_no_database_can_hold_is_refused(headset, session, upload_folder, field, value):
    part = f'--limit\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'.encode()

    answer = headset.post(
        f"{API}/sessions/{session.pk}/upload",
        part + value + b"\r\n" + FORM,
        content_type=FORM_TYPE,
    )

    assert answer.status_code == 400
    assert nothing_is_left()
    assert list(upload_folder.iterdir()) == []


def test_a_voice_waits_in_a_private_file_of_the_upload_folder(
    headset, session, upload_folder, during_put
):
    seen = []

    def look():
        seen.extend((file.read_bytes(), file.stat().st_mode) for file in upload_folder.iterdir())

    during_put(look)
    send(headset, session, VOICE)

    assert seen == [(VOICE, 0o100600)]


@pytest.mark.parametrize("content", [VOICE, b"%PDF-1.7", b""], ids=["stored", "refused", "empty"])
def test_no_file_is_left_in_the_upload_folder(headset, session, upload_folder, content):
    send(headset, session, content)

    assert list(upload_folder.iterdir()) == []


def test_recordings_on_disk_are_private(headset, session, settings, tmp_path):
    key = send(headset, session, VOICE).json()["audio_url"]

    file = tmp_path / "audio" / key
    assert file.stat().st_mode == 0o100600
    assert {folder.stat().st_mode for folder in [file.parent, file.parent.parent]} == {0o40700}

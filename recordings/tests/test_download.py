"""Addresses under which a recording can be downloaded for a time."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from recordings.tests.calls import API, send
from recordings.tests.factories import RecordingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def recording():
    return RecordingFactory()


def ask(client, recording, query=""):
    return client.get(f"{API}/recordings/{recording.pk}/download{query}")


def test_an_address_is_granted_for_ten_minutes_by_default(as_analyst, recording):
    answer = ask(as_analyst, recording)

    body = answer.json()
    assert answer.status_code == 200
    assert body.pop("download_url").startswith("http://testserver/files/")
    assert body == {"recording_id": recording.pk, "expires_in": 600}


@pytest.mark.parametrize("seconds", [1, 600, 604_800])
def test_an_address_is_granted_for_as_long_as_was_asked(as_analyst, recording, seconds):
    answer = ask(as_analyst, recording, f"?expires_seconds={seconds}")

    assert (answer.status_code, answer.json()["expires_in"]) == (200, seconds)


@pytest.mark.parametrize(
    "seconds", ["0", "-1", "604801", "abc", "1.5", "1e3", "9" * 400, "%E0%A4%A0"]
)
def test_a_time_that_cannot_be_granted_is_refused(as_analyst, recording, seconds):
    answer = ask(as_analyst, recording, f"?expires_seconds={seconds}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["expires_seconds"]
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("query", ["?expires=0&x=1", "?expires_seconds="])
def test_what_asks_for_no_time_gets_the_default(as_analyst, recording, query):
    assert ask(as_analyst, recording, query).json()["expires_in"] == 600


def test_every_address_is_recorded(as_analyst, analyst, recording):
    as_analyst.get(
        f"{API}/recordings/{recording.pk}/download?expires_seconds=60", REMOTE_ADDR="203.0.113.7"
    )

    access = AccessRecord.objects.get()
    assert (access.kind, access.address) == (AccessKind.URL, "203.0.113.7")
    assert (access.session_number, access.recording_number) == (recording.session_id, recording.pk)
    assert (access.who, access.user_number) == (analyst.email, analyst.pk)
    assert access.details == {"expires_in": 60}
    assert timezone.now() - access.at < timedelta(minutes=1)


def test_each_of_two_addresses_is_recorded(as_analyst, recording):
    ask(as_analyst, recording)
    ask(as_analyst, recording)

    assert AccessRecord.objects.filter(recording_number=recording.pk).count() == 2


def test_the_record_keeps_the_e_mail_of_an_account_that_is_gone(as_analyst, analyst, recording):
    ask(as_analyst, recording)

    email, number = analyst.email, analyst.pk
    analyst.delete()

    access = AccessRecord.objects.get()
    assert (access.who, access.user_number) == (email, number)


@pytest.mark.parametrize("path", ["recordings", "recordings/{0.pk}", "dataset"])
def test_what_hands_out_no_address_records_none(as_analyst, recording, path):
    as_analyst.get(f"{API}/{path.format(recording)}")

    assert not AccessRecord.objects.filter(kind=AccessKind.URL).exists()


def test_a_refused_address_is_not_recorded(as_facilitator, recording):
    ask(as_facilitator, recording)

    assert not AccessRecord.objects.exists()


def test_every_stream_is_recorded(nobody, as_analyst, analyst, recording):
    url = ask(as_analyst, recording).json()["download_url"]

    nobody.get(url, REMOTE_ADDR="203.0.113.7")

    stream = AccessRecord.objects.get(kind=AccessKind.FILE)
    assert (stream.session_number, stream.recording_number) == (recording.session_id, recording.pk)
    assert (stream.who, stream.user_number) == (analyst.email, analyst.pk)
    assert stream.address == "203.0.113.7"


def test_a_look_at_the_headers_is_no_stream(nobody, as_analyst, recording):
    nobody.head(ask(as_analyst, recording).json()["download_url"])

    assert not AccessRecord.objects.filter(kind=AccessKind.FILE).exists()


def test_every_recording_of_an_export_is_recorded(as_analyst, analyst):
    recordings = RecordingFactory.create_batch(3)

    as_analyst.get(f"{API}/dataset/export", REMOTE_ADDR="203.0.113.7").getvalue()

    streams = AccessRecord.objects.filter(
        kind=AccessKind.EXPORTED,
        who=analyst.email,
        user_number=analyst.pk,
        address="203.0.113.7",
    )
    assert set(streams.values_list("session_number", "recording_number")) == {
        (recording.session_id, recording.pk) for recording in recordings
    }


def test_the_command_that_exports_leaves_a_record_of_the_system_s_user(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "operaciones")
    recording = RecordingFactory()

    call_command("export_dataset", output=tmp_path / "todo.zip", stderr=io.StringIO())

    stream = AccessRecord.objects.get(kind=AccessKind.EXPORTED)
    assert stream.recording_number == recording.pk
    assert (stream.who, stream.user_number, stream.address) == ("operaciones", None, "")


def test_the_file_is_named_as_in_the_export(as_analyst, headset, session, spoken_wav):
    number = send(headset, session, spoken_wav).json()["id"]
    url = as_analyst.get(f"{API}/recordings/{number}/download").json()["download_url"]

    disposition = as_analyst.get(url).headers["Content-Disposition"]

    export = as_analyst.get(f"{API}/dataset/export").getvalue()
    names = zipfile.ZipFile(io.BytesIO(export)).namelist()
    name = f"{session.session_code}__{number}.wav"
    assert disposition == f'attachment; filename="{name}"'
    assert f"audios/{name}" in names


@pytest.mark.parametrize(
    ("key", "extension"),
    [
        ("voz.MP3", "mp3"),
        ("voz", "bin"),
        ('voz."; x="y', "bin"),
        ("voz.a b", "bin"),
        ("voz.wav\r\nX-Evil: 1", "bin"),
        ("voz.demasiadolargo", "bin"),
        ("voz.ñ", "bin"),
    ],
)
def test_a_key_puts_nothing_of_its_own_into_the_files_name(session, key, extension):
    recording = RecordingFactory(session=session, audio=key, content=None)

    name = f"{session.session_code}__{recording.pk}.{extension}"
    assert recording.content_disposition == f'attachment; filename="{name}"'

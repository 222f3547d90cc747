"""Measuring later what took too long while the headset waited."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from recordings.models import Recording
from recordings.tests.calls import API, send
from recordings.tests.factories import RecordingFactory
from recordings.tests.sounds import encode, silence

pytestmark = pytest.mark.django_db


@pytest.fixture
def unmeasured(settings, headset, session):
    """A recording that was stored without being measured."""
    measuring_seconds = settings.REQUEST_MEASURING_SECONDS
    settings.REQUEST_MEASURING_SECONDS = 0
    body = send(headset, session, encode(silence(3), "wav 16")).json()
    settings.REQUEST_MEASURING_SECONDS = measuring_seconds
    return body


def process(*options):
    out = io.StringIO()
    call_command("process_recordings", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_it_is_measured_as_it_would_have_been(any_store, as_analyst, unmeasured):
    assert process() == "medidas: 1"

    body = as_analyst.get(f"{API}/recordings/{unmeasured['id']}").json()
    assert (body["is_processed"], body["avisos"]) == (True, ["silencio"])
    assert body["duracion_segundos"] == body["calidad"]["duracion_segundos"] == 3
    assert process() == "medidas: 0"


def test_its_bytes_stay_as_they_are(unmeasured):
    process()

    stored = b"".join(default_storage.chunks_of(unmeasured["audio_url"]))
    assert stored == encode(silence(3), "wav 16")
    assert Recording.objects.get().sha256 == unmeasured["sha256"]


def test_a_dry_run_counts_and_measures_nothing(unmeasured):
    assert process("--dry-run") == "(simulación) por medir: 1"
    assert not Recording.objects.get().is_processed


def test_a_mock_has_nothing_to_measure(headset, session):
    headset.post(f"{API}/sessions/{session.pk}/recording", {"audio_url": "recordings/no.wav"})

    assert process() == "medidas: 0"


def test_audio_that_cannot_be_read_now_keeps_the_others_from_nothing(unmeasured):
    lost = RecordingFactory(content=None, is_processed=False)

    with pytest.raises(CommandError, match="sin medir"):
        process()

    assert Recording.objects.get(pk=unmeasured["id"]).is_processed
    assert not Recording.objects.get(pk=lost.pk).is_processed


def test_what_is_no_audio_after_all_is_known_to_be_none():
    RecordingFactory(content=b"no es audio", is_processed=False)

    process()

    recording = Recording.objects.get()
    assert (recording.is_processed, recording.avisos) == (True, ["no_decodificable"])

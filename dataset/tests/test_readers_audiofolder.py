"""The folder for machine learning, as Hugging Face's datasets reads it."""

import json
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from dataset.tests.readers import HARMLESS, RUNNING, as_cell, export_to
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MEASURED_AS_READ = {
    "contenedor": "wav",
    "codec": "pcm_s16le",
    "frecuencia_hz": 16_000,
    "canales": 1,
    "pico_dbfs": -0.5,
    "rms_dbfs": -20.25,
    "proporcion_saturada": 0.0,
    "proporcion_silencio": 0.125,
}
MEASURED = {**MEASURED_AS_READ, "avisos": ["silencio", "truncado"]}
# Its reading of CSV takes NA for nothing.
HOSTILE = [*RUNNING, *(text for text in HARMLESS if text != "NA")]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "audiofolder"


@pytest.fixture
def datasets(monkeypatch, tmp_path):
    """The library, without a network."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    import datasets  # slow to import, and takes the variables as they are then

    _pretend_to_decode(monkeypatch)
    return datasets


def _pretend_to_decode(monkeypatch):
    """Has datasets find torch and torchcodec, which it asks for even where nothing is decoded.

    They weigh gigabytes, and of them it uses nothing but these names to read files as they are.
    """

    class Nothing:
        pass

    torch = SimpleNamespace(Tensor=Nothing, Generator=Nothing, nn=SimpleNamespace(Module=Nothing))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torchcodec", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "torchcodec.encoders", SimpleNamespace(AudioEncoder=Nothing))


@pytest.fixture
def load(datasets, folder, tmp_path):
    """Exports, and reads all of it as datasets gives it, with the audio as it lies there."""

    def export_and_load(**options):
        export_to(folder, "audiofolder", **options)
        loaded = datasets.load_dataset(
            "audiofolder", data_dir=str(folder), cache_dir=str(tmp_path / "cache")
        )
        assert list(loaded) == ["train"]
        return loaded["train"].cast_column("audio", datasets.Audio(decode=False))

    return export_and_load


def content_of(audio):
    return Path(audio["path"]).read_bytes() if audio["bytes"] is None else audio["bytes"]


def test_datasets_finds_the_audio_that_was_stored_whatever_its_ending(load, spoken_wav):
    stored = {"wav": spoken_wav, "m4a": b"una voz", "bin": b"otra voz"}
    RecordingFactory(content=spoken_wav)
    RecordingFactory(content=b"una voz", audio="recordings/una.m4a", formato="audio/mp4")
    RecordingFactory(content=b"otra voz", audio="recordings/otra", formato="audio/x-voz")
    RecordingFactory(content=None)

    takes = load()

    assert len(takes) == 3
    found = {Path(take["audio"]["path"]).suffix[1:]: content_of(take["audio"]) for take in takes}
    assert found == stored


@pytest.mark.parametrize("key", ["recordings/voz.m4a", "recordings/voz"])
def test_datasets_finds_the_audio_where_no_file_has_an_ending_that_it_knows(load, key):
    RecordingFactory(content=b"una voz", audio=key)

    (take,) = load()

    assert content_of(take["audio"]) == b"una voz"


def test_a_take_says_what_was_stored_of_it(load):
    session = SessionFactory(text=TextFactory(pages=[[], [], ["uno", "dos", "", "tres"]]))
    recording = RecordingFactory(session=session, **MEASURED)

    (take,) = load(identifiable=True)

    assert take.pop("audio")
    assert take.pop("participant_id").startswith("p_")
    assert datetime.fromisoformat(take.pop("uploaded_at")) == recording.uploaded_at
    assert json.loads(take.pop("avisos")) == ["silencio", "truncado"]
    assert take == MEASURED_AS_READ | {
        "recording_id": recording.pk,
        "session_id": session.pk,
        "formato": "audio/wav",
        "duration_seconds": 8.5,
        "sha256": recording.sha256,
        "participant_age_band": "25-34",
        "participant_name": "Juan Pérez",
        "participant_age": 25,
        "participant_email": "juan@example.com",
        "revision": "sin_revisar",
        "motivo_revision": "ninguno",
        "texto_id": session.text.pk,
        "texto_titulo": session.text.title,
        "texto_leido": "uno dos\n\ntres",
    }


def test_what_one_take_lacks_is_null_or_unknown_and_the_others_keep_theirs(load):
    RecordingFactory(**MEASURED)
    RecordingFactory(duracion_segundos=None)

    measured, other = load()

    numbers = [name for name, value in MEASURED_AS_READ.items() if not isinstance(value, str)]
    assert {name: measured[name] for name in MEASURED_AS_READ} == MEASURED_AS_READ
    assert [other[name] for name in (*numbers, "duration_seconds")] == [None] * (len(numbers) + 1)
    assert (other["contenedor"], other["codec"]) == ("desconocido", "desconocido")


def test_no_text_column_is_ever_empty_and_so_taken_for_numbers(load, datasets):
    anonymous = SessionFactory(participant={"nombre": "Ana"}, text=TextFactory(pages=[[], []]))
    RecordingFactory(session=anonymous)

    features = load().features

    texts = (
        "contenedor",
        "codec",
        "participant_age_band",
        "texto_leido",
        "sha256",
        "motivo_revision",
    )
    assert {features[name].dtype for name in texts} <= {"string", "large_string"}


def test_no_session_code_is_taken_for_the_name_of_a_split(load):
    session = RecordingFactory().session
    type(session).objects.filter(pk=session.pk).update(session_code="dev3acdef")
    RecordingFactory()

    assert len(load()) == 2


def test_hostile_texts_are_read_as_the_table_has_them(load):
    for text in HOSTILE:
        RecordingFactory(session=SessionFactory(text=TextFactory(title=text)))

    assert load()["texto_titulo"][:] == [as_cell(text) for text in HOSTILE]

"""The description of the folder for machine learning, as mlcroissant reads it."""

import csv
import hashlib
import json

import pytest

from dataset.tests.readers import HARMLESS, RUNNING, as_cell, export_to
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MEASURED = {"contenedor": "wav", "frecuencia_hz": 16_000, "canales": 1, "rms_dbfs": -20.25}
# Its reading of CSV takes NA for nothing.
HOSTILE = [*RUNNING, *(text for text in HARMLESS if text != "NA")]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "audiofolder"


@pytest.fixture
def described(folder):
    """Exports, and opens the description, which raises if there is an error in it."""
    import mlcroissant  # slow to import, and only needed here

    def export_and_open(**options):
        export_to(folder, "audiofolder", **options)
        return mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))

    return export_and_open


def takes_of(described):
    """Its records, column → value, texts as texts."""
    return [
        {name.removeprefix("takes/"): _plain(value) for name, value in take.items()}
        for take in described.records("takes")
    ]


def _plain(value):
    return value.decode() if isinstance(value, bytes) else value


def audio_found_by(described):
    """The paths of the files that mlcroissant finds for the set of audio files."""
    steps = {type(step).__name__: step for step in described.operations.operations.nodes}
    found = steps["FilterFiles"].call(steps["LocalDirectory"].call())
    return {path.fullpath.as_posix() for path in found}


@pytest.mark.parametrize("is_identifiable", [False, True])
def test_mlcroissant_finds_no_error(described, is_identifiable):
    RecordingFactory()

    opened = described(identifiable=is_identifiable)

    assert opened.metadata.ctx.issues.errors == set()


def test_every_recording_is_a_record_that_says_what_was_stored(described):
    measured = RecordingFactory(**MEASURED, avisos=["silencio"])
    other = RecordingFactory(duracion_segundos=None)
    RecordingFactory(content=None)

    first, second = takes_of(described())

    assert [first["recording_id"], second["recording_id"]] == [measured.pk, other.pk]
    assert first["sha256"] == measured.sha256
    assert first["uploaded_at"] == measured.uploaded_at
    assert (first["duration_seconds"], second["duration_seconds"]) == (8.5, None)
    assert {name: first[name] for name in MEASURED} == MEASURED
    unknown = {**dict.fromkeys(MEASURED), "contenedor": "desconocido"}
    assert {name: second[name] for name in MEASURED} == unknown


@pytest.mark.parametrize("is_identifiable", [False, True])
def test_a_record_has_the_columns_of_the_table_and_no_others(described, folder, is_identifiable):
    RecordingFactory()

    (take,) = takes_of(described(identifiable=is_identifiable))

    with (folder / "metadata.csv").open(newline="", encoding="utf-8") as table:
        assert list(take) == next(csv.reader(table))


def test_hostile_texts_are_read_as_the_table_has_them(described):
    for text in HOSTILE:
        RecordingFactory(session=SessionFactory(text=TextFactory(title=text)))

    titles = [take["texto_titulo"] for take in takes_of(described())]

    assert titles == [as_cell(text) for text in HOSTILE]


def test_the_set_of_audio_files_is_what_the_records_name(described, folder):
    RecordingFactory()
    RecordingFactory(audio="recordings/voz.m4a")
    RecordingFactory(audio="recordings/voz")
    RecordingFactory(content=None)

    opened = described()

    named = {take["file_name"] for take in takes_of(opened)}
    assert audio_found_by(opened) == named
    assert len(named) == 3
    assert all((folder / path).is_file() for path in named)


def test_the_table_is_the_one_that_is_described(described, folder):
    RecordingFactory()
    described()

    description = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))

    table, _audio = description["distribution"]
    content = (folder / table["contentUrl"]).read_bytes()
    assert table["sha256"] == hashlib.sha256(content).hexdigest()

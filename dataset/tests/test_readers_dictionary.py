"""The data dictionary and the manifest, beside what they describe in each format."""

import csv
import zipfile

import pytest

from dataset.columns import Kind
from dataset.tests.readers import RUNNING, export_to, manifest_of, sums_in, sums_of
from recordings.tests.factories import RecordingFactory
from surveys.tests.factories import SurveyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DICTIONARY = "data_dictionary.csv"
TABLES = {
    "zip": {"dataset.csv", "surveys.csv"},
    "dir": {"dataset.csv", "surveys.csv"},
    "parquet": {
        "sessions.parquet",
        "recordings.parquet",
        "surveys_long.parquet",
        "surveys_wide.parquet",
    },
    "audiofolder": {"metadata.csv"},
}


@pytest.fixture(params=TABLES)
def form(request):
    return request.param


@pytest.fixture(params=["wide", "long"])
def _surveys(request, db):
    """Surveys with the same questions, which a spreadsheet would run, or with different ones."""
    SurveyFactory(session=RecordingFactory().session, answers=dict.fromkeys(RUNNING, 1))
    if request.param == "long":
        SurveyFactory(answers={"otra": 2})


@pytest.fixture(params=[False, True], ids=["pseudonymous", "identifiable"])
def exported(request, form, _surveys, tmp_path):
    RecordingFactory(content=None)
    path = export_to(tmp_path / "export", form, identifiable=request.param)
    return unpacked(path) if path.is_file() else path


def unpacked(archive):
    folder = archive.with_name("unpacked")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def described_in(folder):
    with (folder / DICTIONARY).open(newline="", encoding="utf-8") as dictionary:
        return list(csv.DictReader(dictionary, strict=True))


def columns_of(table):
    if table.suffix == ".parquet":
        import pyarrow.parquet  # slow to import, and only needed here

        return pyarrow.parquet.read_schema(table).names
    with table.open(newline="", encoding="utf-8") as lines:
        return next(csv.reader(lines))


def test_the_dictionary_names_every_column_of_every_table_and_no_other(exported, form):
    tables = {path.name for path in exported.iterdir() if path.suffix in (".csv", ".parquet")}
    assert tables - {DICTIONARY} == TABLES[form]

    described = described_in(exported)

    assert [(row["tabla"], row["columna"]) for row in described] == [
        (table, column)
        for table in dict.fromkeys(row["tabla"] for row in described)
        for column in columns_of(exported / table)
    ]
    assert {row["tabla"] for row in described} == TABLES[form]


def test_each_column_has_a_type_and_a_meaning(exported):
    for row in described_in(exported):
        assert row["tipo"] in set(Kind), row
        assert row["significado"], row


def test_the_manifest_names_each_file_but_itself_with_its_size_and_checksum(exported):
    found = sums_of(exported)

    assert found.pop("manifest.json")
    assert found == sums_in(manifest_of(exported))

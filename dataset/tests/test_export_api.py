import io
import re
import zipfile
from datetime import datetime

import pytest
from django.utils import timezone

from dataset.export import export_name
from dataset.tests.archives import EXPORT, export, rows, table, text_of
from recordings.choices import Motivo, Revision
from recordings.tests.factories import RecordingFactory
from sessions_app.actors import SYSTEM
from sessions_app.choices import Estado
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory

pytestmark = pytest.mark.django_db

DOCUMENTS = {"manifest.json", "data_dictionary.csv", "dataset.csv", "surveys.csv"}
FIRST_COLUMNS = [
    "session_id",
    "session_code",
    "recording_id",
    "audio_file",
    "formato",
    "duration_seconds",
    "uploaded_at",
    "survey_id",
    "survey_completed_at",
    "audio_missing",
]


def local(moment):
    return timezone.localtime(moment).isoformat(timespec="microseconds")


def test_the_file_is_named_after_the_minute_in_lima():
    moment = datetime.fromisoformat("2026-01-09T03:05:59+00:00")

    assert export_name(moment) == "dataset_export_20260108_2205.zip"


def test_the_export_is_downloaded_as_a_zip_of_that_name(as_analyst):
    answer = as_analyst.get(EXPORT)

    assert answer["Content-Type"] == "application/zip"
    name = r'attachment; filename="dataset_export_\d{8}_\d{4}\.zip"'
    assert re.fullmatch(name, answer["Content-Disposition"])


def test_an_empty_dataset_is_two_tables_with_headers_alone(as_analyst):
    archive = export(as_analyst)

    assert set(archive.namelist()) == DOCUMENTS
    assert table(archive, "dataset.csv")[0][:10] == FIRST_COLUMNS
    assert table(archive, "surveys.csv") == [
        ["survey_id", "session_id", "session_code", "created_at", "question_key", "answer_value"]
    ]
    assert rows(archive, "dataset.csv") == []


def test_the_audio_in_the_zip_is_the_audio_that_was_stored(any_store, as_analyst, spoken_wav):
    recording = RecordingFactory(content=spoken_wav)

    archive = export(as_analyst)

    assert archive.testzip() is None
    name = f"audios/{recording.session.session_code}__{recording.pk}.wav"
    assert set(archive.namelist()) == {*DOCUMENTS, name}
    assert archive.read(name) == spoken_wav


def test_a_recording_has_one_row_that_says_all_of_it(as_analyst):
    session = SessionFactory(estado=Estado.COMPLETED)
    recording = RecordingFactory(session=session, duracion_segundos=371.42)
    survey = SurveyFactory(session=session)
    SurveyFactory(session=session)

    (row,) = rows(export(as_analyst), "dataset.csv")

    assert [row[column] for column in FIRST_COLUMNS] == [
        str(session.pk),
        session.session_code,
        str(recording.pk),
        f"audios/{session.session_code}__{recording.pk}.wav",
        "audio/wav",
        "371.42",
        local(recording.uploaded_at),
        str(survey.pk),
        local(survey.completed_at),
        "False",
    ]
    assert list(row)[:10] == FIRST_COLUMNS


def test_the_survey_of_a_row_is_the_oldest_completed_one(as_analyst):
    session = SessionFactory()
    pending = SurveyFactory(session=session, answers=None)
    oldest, newest = SurveyFactory(session=session), SurveyFactory(session=session)
    type(newest).objects.filter(pk=newest.pk).update(created_at=pending.created_at)

    (row,) = rows(export(as_analyst), "dataset.csv")

    assert row["survey_id"] == str(newest.pk) != str(oldest.pk)


def test_there_is_a_row_for_each_recording_of_each_session_in_order(as_analyst):
    first, second = SessionFactory(), SessionFactory()
    of_second = [RecordingFactory(session=second).pk, RecordingFactory(session=second).pk]
    of_first = [RecordingFactory(session=first).pk]

    found = rows(export(as_analyst), "dataset.csv")

    assert [(row["session_id"], row["recording_id"]) for row in found] == [
        (str(first.pk), str(of_first[0])),
        (str(second.pk), str(of_second[0])),
        (str(second.pk), str(of_second[1])),
    ]


def test_a_session_without_a_recording_has_one_row_with_those_cells_empty(as_analyst):
    session = SessionFactory()
    survey = SurveyFactory(session=session)

    (row,) = rows(export(as_analyst), "dataset.csv")

    empty = ("recording_id", "audio_file", "formato", "duration_seconds", "uploaded_at")
    assert [row[column] for column in empty] == [""] * 5
    assert (row["session_id"], row["survey_id"]) == (str(session.pk), str(survey.pk))
    assert row["audio_missing"] == "True"


def test_an_object_that_is_gone_is_marked_and_the_export_goes_on(any_store, as_analyst):
    gone = RecordingFactory(content=None)
    kept = RecordingFactory(content=b"RIFF")

    archive = export(as_analyst)

    audio = f"audios/{kept.session.session_code}__{kept.pk}.wav"
    assert [
        (row["recording_id"], row["audio_file"], row["audio_missing"])
        for row in rows(archive, "dataset.csv")
    ] == [(str(gone.pk), "", "True"), (str(kept.pk), audio, "False")]
    assert set(archive.namelist()) == {*DOCUMENTS, audio}


@pytest.mark.parametrize(
    "key", ["recordings", "a" * 400, "voz.wav/voz.wav", "~/voz.wav", "%2e%2e/voz.wav", "«ñ».wav"]
)
def test_a_mock_whose_key_names_no_object_does_not_stop_the_export(any_store, as_analyst, key):
    stored = RecordingFactory(audio="voz.wav")
    path = f"/api/v1/sessions/{stored.session.pk}/recording"
    mock = as_analyst.post(path, {"audio_url": key})

    archive = export(as_analyst)

    assert mock.status_code == 201
    marks = {row["recording_id"]: row["audio_missing"] for row in rows(archive, "dataset.csv")}
    assert marks == {str(stored.pk): "False", str(mock.json()["id"]): "True"}


def test_a_recording_whose_bytes_are_not_stored_yet_is_not_exported(any_store, as_analyst):
    pending = RecordingFactory(uploaded_at=None)
    stored = RecordingFactory()

    archive = export(as_analyst)

    assert f"audios/{pending.download_name}" not in archive.namelist()
    assert [row["recording_id"] for row in rows(archive, "dataset.csv")] == ["", str(stored.pk)]


@pytest.mark.parametrize(
    "key, name",
    [
        ("recordings/voz.OPUS", "opus"),
        ("recordings/voz", "bin"),
        ("recordings/voz.wav\u202e", "bin"),
        ("recordings/voz.=cmd", "bin"),
    ],
)
def test_no_key_can_choose_where_its_audio_lies_in_the_zip(as_analyst, key, name):
    recording = RecordingFactory(audio=key)

    archive = export(as_analyst)

    (row,) = rows(archive, "dataset.csv")
    assert row["audio_file"] in archive.namelist()
    assert row["audio_file"] == f"audios/{recording.session.session_code}__{recording.pk}.{name}"


def test_an_unknown_duration_is_an_empty_cell(as_analyst):
    RecordingFactory(duracion_segundos=None)

    (row,) = rows(export(as_analyst), "dataset.csv")

    assert row["duration_seconds"] == ""


def test_the_participant_is_not_in_the_export(as_analyst):
    RecordingFactory(session=SessionFactory(title="Sesión de Juan", description="Con Juan"))

    archive = export(as_analyst)

    for name in ("dataset.csv", "surveys.csv"):
        assert b"Juan" not in archive.read(name)
        assert b"juan@example.com" not in archive.read(name)


def test_a_session_whose_participant_was_erased_is_exported(as_analyst):
    recording = RecordingFactory()
    Participant.objects.all().delete()

    (row,) = rows(export(as_analyst), "dataset.csv")

    assert row["recording_id"] == str(recording.pk)


def test_what_comes_while_the_export_runs_is_left_to_the_next(as_analyst):
    recording = RecordingFactory()
    answer = as_analyst.get(EXPORT)
    RecordingFactory(session=recording.session)
    SurveyFactory(session=recording.session)
    SessionFactory()

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))

    (row,) = rows(archive, "dataset.csv")
    assert row["recording_id"] == str(recording.pk)
    assert rows(archive, "surveys.csv") == []


def test_a_recording_that_is_settled_while_the_export_runs_is_left_to_the_next(as_analyst):
    pending = RecordingFactory(uploaded_at=None)
    stored = RecordingFactory()
    answer = as_analyst.get(EXPORT)
    pending.settle(by=SYSTEM)

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))

    assert [
        (row["session_id"], row["recording_id"], row["uploaded_at"])
        for row in rows(archive, "dataset.csv")
    ] == [
        (str(pending.session.pk), "", ""),
        (str(stored.session.pk), str(stored.pk), local(stored.uploaded_at)),
    ]
    following = rows(export(as_analyst), "dataset.csv")
    assert [row["audio_missing"] for row in following] == ["False", "False"]


def test_a_survey_that_is_completed_while_the_export_runs_is_left_to_the_next(as_analyst):
    survey = SurveyFactory(session=RecordingFactory().session, answers=None)
    answer = as_analyst.get(EXPORT)
    survey.answer({"a": "sí"}, by=SYSTEM)

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))

    (row,) = rows(archive, "dataset.csv")
    assert (row["survey_id"], row["survey_completed_at"]) == ("", "")
    assert rows(archive, "surveys.csv") == []
    assert [row["a"] for row in rows(export(as_analyst), "surveys.csv")] == ["sí"]


@pytest.mark.parametrize("identifiable", ["true", "false"])
def test_what_was_decided_about_a_recording_is_exported_and_the_note_is_not(
    as_analyst, analyst, identifiable
):
    session = SessionFactory()
    _unheard, accepted, rejected = RecordingFactory.create_batch(3, session=session)
    accepted.review(Revision.ACEPTADA, note="se oye a su tía Rosa", by=analyst)
    rejected.review(Revision.RECHAZADA, reason=Motivo.OTRO, note="se oye a su tía Rosa", by=analyst)
    SessionFactory()

    archive = export(as_analyst, identificables=identifiable)

    decided = [(row["revision"], row["motivo_revision"]) for row in rows(archive, "dataset.csv")]
    assert decided == [("sin_revisar", ""), ("aceptada", ""), ("rechazada", "otro"), ("", "")]
    assert "tía Rosa" not in text_of(archive)

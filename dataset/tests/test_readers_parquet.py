"""The Parquet tables, as pyarrow and pandas read them."""

import re
from datetime import datetime, timedelta, timezone

import pytest

from accounts.tests.factories import AnalystFactory
from dataset.tests.readers import HARMLESS, RUNNING, export_to
from recordings.choices import Motivo, Revision
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

# As pandas calls the types of columns that have a value in every row.
TEXT, INTEGER, NUMBER, BOOLEAN = "str", "int64", "float64", "bool"
MOMENT, TEXTS, MAP = "datetime64[us, UTC]", "list", "dict"
TYPES = {
    "sessions": {
        "session_id": INTEGER,
        "session_code": TEXT,
        "estado": TEXT,
        "session_created_at": MOMENT,
        "session_started_at": MOMENT,
        "session_completed_at": MOMENT,
        "texto_id": TEXT,
        "texto_titulo": TEXT,
        "texto_tags": MAP,
        "texto_leido": TEXT,
        "participant_id": TEXT,
        "participant_age_band": TEXT,
        "recordings_count": INTEGER,
        "surveys_count": INTEGER,
        "participant_name": TEXT,
        "participant_age": INTEGER,
        "participant_email": TEXT,
    },
    "recordings": {
        "recording_id": INTEGER,
        "session_id": INTEGER,
        "session_code": TEXT,
        "audio_file": TEXT,
        "audio_missing": BOOLEAN,
        "formato": TEXT,
        "duration_seconds": NUMBER,
        "uploaded_at": MOMENT,
        "file_size": INTEGER,
        "sha256": TEXT,
        "participant_id": TEXT,
        "contenedor": TEXT,
        "codec": TEXT,
        "frecuencia_hz": INTEGER,
        "canales": INTEGER,
        "pico_dbfs": NUMBER,
        "rms_dbfs": NUMBER,
        "proporcion_saturada": NUMBER,
        "proporcion_silencio": NUMBER,
        "avisos": TEXTS,
        "revision": TEXT,
        "motivo_revision": TEXT,
    },
    "surveys_long": {
        "survey_id": INTEGER,
        "session_id": INTEGER,
        "session_code": TEXT,
        "created_at": MOMENT,
        "completed_at": MOMENT,
        "question_key": TEXT,
        "answer_value": TEXT,
    },
    "surveys_wide": {
        "survey_id": INTEGER,
        "session_id": INTEGER,
        "session_code": TEXT,
        "created_at": MOMENT,
        "completed_at": MOMENT,
    },
}
MEASURED = {
    "contenedor": "wav",
    "codec": "pcm_s16le",
    "frecuencia_hz": 16_000,
    "canales": 1,
    "pico_dbfs": -0.5,
    "rms_dbfs": -20.25,
    "proporcion_saturada": 0.0,
    "proporcion_silencio": 0.125,
    "avisos": ["silencio", "truncado"],
}
HOSTILE = [*RUNNING, *HARMLESS]


@pytest.fixture
def read(tmp_path):
    """Exports, and reads one of the tables with pyarrow."""
    import pyarrow.parquet  # slow to import, and only needed here

    def export_and_read(name, **options):
        folder = export_to(tmp_path / "parquet", "parquet", **options)
        return pyarrow.parquet.read_table(folder / f"{name}.parquet")

    return export_and_read


@pytest.fixture
def whole():
    """A completed session with a recording that was measured and with a survey."""
    session = SessionFactory(estado=Estado.COMPLETED)
    reviewed(RecordingFactory(session=session, **MEASURED))
    SurveyFactory(session=session)


def reviewed(recording):
    recording.review(Revision.CON_PROBLEMAS, reason=Motivo.RUIDO, by=AnalystFactory())
    return recording


def arrow_type(name):
    """The type that pandas calls so, as pyarrow calls it."""
    import pyarrow

    return {
        TEXT: pyarrow.string(),
        INTEGER: pyarrow.int64(),
        NUMBER: pyarrow.float64(),
        BOOLEAN: pyarrow.bool_(),
        MOMENT: pyarrow.timestamp("us", tz="UTC"),
        TEXTS: pyarrow.list_(pyarrow.string()),
        MAP: pyarrow.map_(pyarrow.string(), pyarrow.string()),
    }[name]


def rows(table):
    """As dictionaries, and maps as such, too."""
    return table.to_pylist(maps_as_pydicts="strict")


@pytest.mark.parametrize("name", TYPES)
def test_every_column_has_its_type_even_if_there_are_no_rows(read, name):
    table = read(name, identifiable=True)

    expected = {column: arrow_type(kind) for column, kind in TYPES[name].items()}
    assert {field.name: field.type for field in table.schema} == expected
    assert table.num_rows == 0


@pytest.mark.parametrize("name", TYPES)
def test_pandas_makes_of_them_the_types_that_fit(read, whole, tmp_path, name):
    import pandas

    read(name, identifiable=True)

    frame = pandas.read_parquet(tmp_path / "parquet" / f"{name}.parquet")

    nested = {TEXTS: "object", MAP: "object"}
    expected = {column: nested.get(kind, kind) for column, kind in TYPES[name].items()}
    assert {column: str(frame[column].dtype) for column in expected} == expected
    assert len(frame) == 1


def test_a_session_is_what_was_stored(read):
    person = {"nombre": "=Ñandú", "edad_aproximada": 31, "email_opcional": "n@example.com"}
    text = TextFactory(title="=1+1", pages=[[], [], ["+uno", "dos", "", "tres"]])
    session = SessionFactory(text=text, participant=person, estado=Estado.COMPLETED)
    RecordingFactory.create_batch(2, session=session)
    SurveyFactory(session=session)
    session.refresh_from_db()

    (row,) = rows(read("sessions", identifiable=True))

    assert re.fullmatch("p_[a-z2-7]{16}", row.pop("participant_id"))
    assert row == {
        "session_id": session.pk,
        "session_code": session.session_code,
        "estado": "completed",
        "session_created_at": session.created_at,
        "session_started_at": session.started_at,
        "session_completed_at": session.completed_at,
        "texto_id": text.pk,
        "texto_titulo": "=1+1",
        "texto_tags": {"tema": "especialización", "tono": "combativo"},
        "texto_leido": "+uno dos\n\ntres",
        "participant_age_band": "25-34",
        "recordings_count": 2,
        "surveys_count": 1,
        "participant_name": "=Ñandú",
        "participant_age": 31,
        "participant_email": "n@example.com",
    }


def test_what_a_session_has_not_got_is_null(read):
    person = {"nombre": "Ana", "edad_aproximada": None, "email_opcional": None}
    SessionFactory(participant=person)

    (row,) = rows(read("sessions", identifiable=True))

    assert [name for name, value in row.items() if value is None] == [
        "session_started_at",
        "session_completed_at",
        "participant_age_band",
        "participant_age",
        "participant_email",
    ]


def test_a_recording_is_what_was_stored_and_its_audio_lies_where_it_says(
    read, spoken_wav, tmp_path
):
    recording = reviewed(RecordingFactory(content=spoken_wav, **MEASURED))

    (row,) = rows(read("recordings"))

    assert re.fullmatch("p_[a-z2-7]{16}", row.pop("participant_id"))
    assert (tmp_path / "parquet" / row.pop("audio_file")).read_bytes() == spoken_wav
    assert row == {
        "recording_id": recording.pk,
        "session_id": recording.session.pk,
        "session_code": recording.session.session_code,
        "audio_missing": False,
        "formato": "audio/wav",
        "duration_seconds": 8.5,
        "uploaded_at": recording.uploaded_at,
        "file_size": len(spoken_wav),
        "sha256": recording.sha256,
        **MEASURED,
        "revision": "con_problemas",
        "motivo_revision": "ruido",
    }


def test_what_of_a_recording_is_gone_or_could_not_be_measured_is_null(read):
    RecordingFactory(content=None, duracion_segundos=None)

    (row,) = rows(read("recordings"))

    assert row["audio_missing"] is True
    assert row["avisos"] == []
    empty = {name for name, value in row.items() if value is None}
    assert empty == {"audio_file", "duration_seconds", "motivo_revision", *MEASURED} - {"avisos"}


@pytest.mark.parametrize("hours", [-5, 0, 14])
def test_a_moment_is_the_same_moment_from_whatever_zone_it_came(read, hours):
    moment = datetime(2026, 1, 8, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=hours)))
    RecordingFactory(uploaded_at=moment)

    (row,) = rows(read("recordings"))

    assert row["uploaded_at"] == moment


def test_tags_are_a_map_of_what_was_written(read):
    tags = {f"{text}1": text for text in HOSTILE}
    SessionFactory(text=TextFactory(tags=tags))
    SessionFactory(text=TextFactory(tags={}))

    assert [row["texto_tags"] for row in rows(read("sessions"))] == [tags, {}]


ANSWERS = [
    ("lista", ["=1", 2, None], '["=1", 2, null]'),
    ("objeto", {"ñ": True}, '{"ñ": true}'),
    ("sí", True, "true"),
    ("número", 4.5, "4.5"),
    ("entero", 10**20, "100000000000000000000"),
    ("vacía", "", ""),
    ("nula", None, None),
    *((text, text, text) for text in HOSTILE),
]


def test_a_long_survey_has_a_row_an_answer_as_it_was_given(read):
    survey = SurveyFactory(answers={key: answer for key, answer, _text in ANSWERS})

    found = rows(read("surveys_long"))

    assert [(row["question_key"], row["answer_value"]) for row in found] == [
        (key, text) for key, _answer, text in ANSWERS
    ]
    assert found[-1] | {"question_key": "", "answer_value": ""} == {
        "survey_id": survey.pk,
        "session_id": survey.session.pk,
        "session_code": survey.session.session_code,
        "created_at": survey.created_at,
        "completed_at": survey.completed_at,
        "question_key": "",
        "answer_value": "",
    }


def test_a_wide_survey_has_a_column_a_question_of_any_survey(read):
    first = SurveyFactory(answers={key: answer for key, answer, _text in ANSWERS})
    second = SurveyFactory(answers={"otra": "solo aquí", "survey_id": "nadie lo tapa"})

    answered, other = rows(read("surveys_wide"))

    questions = [f"respuesta.{key}" for key, _answer, _text in ANSWERS]
    added = ["respuesta.otra", "respuesta.survey_id"]
    assert list(answered) == [*TYPES["surveys_wide"], *questions, *added]
    assert [answered[name] for name in questions] == [text for _key, _answer, text in ANSWERS]
    assert [answered[name] for name in added] == [None, None]
    assert [other[name] for name in questions] == [None] * len(questions)
    assert [other[name] for name in added] == ["solo aquí", "nadie lo tapa"]
    assert (answered["survey_id"], other["survey_id"]) == (first.pk, second.pk)

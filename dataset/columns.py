"""What the tables of an export say: each column's name, type, unit, meaning, and where it is from.

One definition serves the CSV files, the Parquet files, the data dictionary and Croissant.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from dataset.identities import AGE_BAND_NAMES, Pseudonyms, age_band
from dataset.rows import RecordingFacts, SessionFacts, SurveyFacts
from recordings.audio import known_type
from recordings.choices import Aviso, Motivo, Revision
from sessions_app.choices import Estado
from training.vr_layout import spoken_text


class Kind(StrEnum):
    """A column's type, as the data dictionary calls it."""

    TEXT = "texto"
    INTEGER = "número entero"
    NUMBER = "número"
    BOOLEAN = "booleano"
    MOMENT = "fecha y hora"
    TEXTS = "lista de textos"
    MAP = "textos por clave"


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    meaning: str
    value: Callable[[Any], Any]  # of a row
    unit: str = ""
    absent: str = "desconocido"  # the word for no value, where a cell can't be left empty


@dataclass(frozen=True)
class Table:
    name: str  # of its file, without the suffix
    columns: list[Column]
    rows: Callable[[], Iterable[Any]]


class Participation(NamedTuple):
    """A row about a session."""

    session: SessionFacts
    pseudonyms: Pseudonyms
    recordings_count: int
    surveys_count: int


class Take(NamedTuple):
    """A row about a recording, or about a session without any."""

    session: SessionFacts
    pseudonyms: Pseudonyms
    recording: RecordingFacts | None
    survey: SurveyFacts | None  # the session's oldest completed one
    audio_file: str | None  # where its audio lies in the export, if it does


class SurveyedSession(NamedTuple):
    id: int
    session_code: str


class Answered(NamedTuple):
    """A row about a completed survey, or about one of its answers."""

    session: SurveyedSession
    survey_id: int
    created_at: datetime
    completed_at: datetime
    pseudonyms: Pseudonyms
    answers: dict[str, Any]
    key: str = ""


def _of_recording(attribute: str) -> Callable[[Take], Any]:
    return lambda take: getattr(take.recording, attribute) if take.recording else None


def _of_survey(attribute: str) -> Callable[[Take], Any]:
    return lambda take: getattr(take.survey, attribute) if take.survey else None


# Of which session, by the contract's names or by keys of our own.
SESSION_ID = Column("session_id", Kind.INTEGER, "Id de la sesión", lambda row: row.session.id)
SESSION_CODE = Column(
    "session_code", Kind.TEXT, "Código de la sesión", lambda row: row.session.session_code
)
SESSION_KEY = Column(
    "session_key",
    Kind.TEXT,
    "Clave de la sesión, la misma en todas las versiones",
    lambda row: row.pseudonyms.session(row.session.id),
)
ESTADO = Column(
    "estado",
    Kind.TEXT,
    f"Estado de la sesión: {', '.join(Estado.values)}",
    lambda row: row.session.estado,
)
SESSION_CREATED_AT = Column(
    "session_created_at",
    Kind.MOMENT,
    "Cuándo se creó la sesión",
    lambda row: row.session.created_at,
)
SESSION_STARTED_AT = Column(
    "session_started_at",
    Kind.MOMENT,
    "Cuándo empezó la sesión; vacío si no ha empezado",
    lambda row: row.session.started_at,
)
SESSION_COMPLETED_AT = Column(
    "session_completed_at",
    Kind.MOMENT,
    "Cuándo se completó la sesión; vacío si no se ha completado",
    lambda row: row.session.completed_at,
)
TEXTO_ID = Column("texto_id", Kind.TEXT, "Id del texto leído", lambda row: row.session.text_id)
TEXTO_TITULO = Column(
    "texto_titulo", Kind.TEXT, "Título del texto leído", lambda row: row.session.text_title
)
TEXTO_TAGS = Column(
    "texto_tags", Kind.MAP, "Etiquetas del texto leído", lambda row: row.session.text_tags
)
TEXTO_LEIDO = Column(
    "texto_leido",
    Kind.TEXT,
    "El texto que se mostró para leer, sin las dos páginas iniciales",
    lambda row: spoken_text(row.session.text_pages or []),
)
PARTICIPANT_ID = Column(
    "participant_id",
    Kind.TEXT,
    "Seudónimo del participante: el mismo para el mismo correo electrónico; sin correo, uno "
    "por sesión",
    lambda row: row.pseudonyms.participant(row.session),
)
PARTICIPANT_AGE_BAND = Column(
    "participant_age_band",
    Kind.TEXT,
    f"Tramo de edad del participante: {', '.join(AGE_BAND_NAMES)}",
    lambda row: age_band(row.session.age),
    unit="años",
)
IDENTITY = [
    Column(
        "participant_name",
        Kind.TEXT,
        "Nombre del participante",
        lambda row: row.session.name,
    ),
    Column(
        "participant_age",
        Kind.INTEGER,
        "Edad aproximada del participante",
        lambda row: row.session.age,
        unit="años",
    ),
    Column(
        "participant_email",
        Kind.TEXT,
        "Correo electrónico del participante",
        lambda row: row.session.email,
    ),
]
RECORDINGS_COUNT = Column(
    "recordings_count",
    Kind.INTEGER,
    "Número de grabaciones de la sesión",
    lambda row: row.recordings_count,
)
SURVEYS_COUNT = Column(
    "surveys_count",
    Kind.INTEGER,
    "Número de encuestas completadas de la sesión",
    lambda row: row.surveys_count,
)
SPLIT = Column(
    "split",
    Kind.TEXT,
    "Parte a la que pertenece el participante: train, validation o test",
    lambda row: str(row.pseudonyms.split(row.session)),
)

# The recording.
RECORDING_ID = Column("recording_id", Kind.INTEGER, "Id de la grabación", _of_recording("id"))
RECORDING_KEY = Column(
    "recording_key",
    Kind.TEXT,
    "Clave de la grabación, la misma en todas las versiones",
    lambda take: take.pseudonyms.recording(take.recording.id) if take.recording else None,
)
AUDIO_FILE = Column(
    "audio_file",
    Kind.TEXT,
    "Ruta del audio dentro de la exportación; vacía si no está",
    lambda take: take.audio_file,
)
FILE_NAME = Column(
    "file_name", Kind.TEXT, "Ruta del audio dentro de la exportación", lambda take: take.audio_file
)
AUDIO_MISSING = Column(
    "audio_missing",
    Kind.BOOLEAN,
    "True si no hay grabación, o si su audio no está en la exportación",
    lambda take: take.audio_file is None,
)
FORMATO = Column(
    "formato",
    Kind.TEXT,
    "Tipo MIME del audio; application/octet-stream si no es uno conocido",
    lambda take: known_type(take.recording.formato) if take.recording else None,
)
DURATION_SECONDS = Column(
    "duration_seconds",
    Kind.NUMBER,
    "Duración del audio",
    _of_recording("duracion_segundos"),
    unit="s",
)
UPLOADED_AT = Column(
    "uploaded_at", Kind.MOMENT, "Cuándo se guardó la grabación", _of_recording("uploaded_at")
)
FILE_SIZE = Column(
    "file_size", Kind.INTEGER, "Tamaño del audio", _of_recording("file_size"), unit="bytes"
)
SHA256 = Column("sha256", Kind.TEXT, "SHA-256 del audio, en hexadecimal", _of_recording("sha256"))
QUALITY = [
    Column("contenedor", Kind.TEXT, "Contenedor del audio", _of_recording("contenedor")),
    Column("codec", Kind.TEXT, "Códec del audio", _of_recording("codec")),
    Column(
        "frecuencia_hz",
        Kind.INTEGER,
        "Frecuencia de muestreo",
        _of_recording("frecuencia_hz"),
        unit="Hz",
    ),
    Column("canales", Kind.INTEGER, "Número de canales", _of_recording("canales")),
    Column(
        "pico_dbfs",
        Kind.NUMBER,
        "Nivel máximo del audio; −120 si no suena nada",
        _of_recording("pico_dbfs"),
        unit="dBFS",
    ),
    Column(
        "rms_dbfs",
        Kind.NUMBER,
        "Nivel RMS del audio; −120 si no suena nada",
        _of_recording("rms_dbfs"),
        unit="dBFS",
    ),
    Column(
        "proporcion_saturada",
        Kind.NUMBER,
        "Proporción de muestras saturadas",
        _of_recording("proporcion_saturada"),
        unit="0 a 1",
    ),
    Column(
        "proporcion_silencio",
        Kind.NUMBER,
        "Proporción de silencio",
        _of_recording("proporcion_silencio"),
        unit="0 a 1",
    ),
    Column(
        "avisos",
        Kind.TEXTS,
        f"Avisos sobre la calidad de la grabación: {', '.join(Aviso.values)}",
        _of_recording("avisos"),
    ),
]
REVIEW = [
    Column(
        "revision",
        Kind.TEXT,
        f"Qué decidió quien escuchó la grabación: {', '.join(Revision.values)}",
        _of_recording("review_state"),
    ),
    Column(
        "motivo_revision",
        Kind.TEXT,
        f"Por qué no se aceptó: {', '.join(Motivo.values)}; vacío si no hay motivo",
        lambda take: (take.recording.review_reason or None) if take.recording else None,
        absent="ninguno",
    ),
]
SURVEY_ID = Column(
    "survey_id",
    Kind.INTEGER,
    "Id de la encuesta completada más antigua de la sesión",
    _of_survey("id"),
)
SURVEY_KEY = Column(
    "survey_key",
    Kind.TEXT,
    "Clave de la encuesta completada más antigua de la sesión",
    lambda take: take.pseudonyms.survey(take.survey.id) if take.survey else None,
)
SURVEY_COMPLETED_AT = Column(
    "survey_completed_at",
    Kind.MOMENT,
    "Cuándo se completó esa encuesta",
    _of_survey("completed_at"),
)

# A survey of its own row.
OWN_SURVEY_ID = Column("survey_id", Kind.INTEGER, "Id de la encuesta", lambda row: row.survey_id)
OWN_SURVEY_KEY = Column(
    "survey_key",
    Kind.TEXT,
    "Clave de la encuesta, la misma en todas las versiones",
    lambda row: row.pseudonyms.survey(row.survey_id),
)
SURVEY_CREATED_AT = Column(
    "created_at", Kind.MOMENT, "Cuándo se creó la encuesta", lambda row: row.created_at
)
OWN_SURVEY_COMPLETED_AT = Column(
    "completed_at",
    Kind.MOMENT,
    "Cuándo se completó la encuesta",
    lambda row: row.completed_at,
)
QUESTION_KEY = Column("question_key", Kind.TEXT, "Clave de la pregunta", lambda row: row.key)
ANSWER_VALUE = Column(
    "answer_value",
    Kind.TEXT,
    "Respuesta; si es una lista o un objeto, como JSON",
    lambda row: row.answers[row.key],
)

# The tables' columns.
PARTICIPANT = [PARTICIPANT_ID, PARTICIPANT_AGE_BAND]
SESSION_TIMES = [SESSION_CREATED_AT, SESSION_STARTED_AT, SESSION_COMPLETED_AT]
CONTRACT_TAKE = [
    SESSION_ID,
    SESSION_CODE,
    RECORDING_ID,
    AUDIO_FILE,
    FORMATO,
    DURATION_SECONDS,
    UPLOADED_AT,
    SURVEY_ID,
    SURVEY_COMPLETED_AT,
    AUDIO_MISSING,
    ESTADO,
    SESSION_CREATED_AT,
    TEXTO_ID,
    TEXTO_TITULO,
    FILE_SIZE,
    SHA256,
    SESSION_STARTED_AT,
    SESSION_COMPLETED_AT,
    TEXTO_TAGS,
    *PARTICIPANT,
    *QUALITY,
    *REVIEW,
]
CONTRACT_SURVEY = [OWN_SURVEY_ID, SESSION_ID, SESSION_CODE, SURVEY_CREATED_AT]
DATED_SURVEY = [*CONTRACT_SURVEY, OWN_SURVEY_COMPLETED_AT]
PARTICIPATION = [
    SESSION_ID,
    SESSION_CODE,
    ESTADO,
    *SESSION_TIMES,
    TEXTO_ID,
    TEXTO_TITULO,
    TEXTO_TAGS,
    TEXTO_LEIDO,
    *PARTICIPANT,
    RECORDINGS_COUNT,
    SURVEYS_COUNT,
]
RECORDED_TAKE = [
    RECORDING_ID,
    SESSION_ID,
    SESSION_CODE,
    AUDIO_FILE,
    AUDIO_MISSING,
    FORMATO,
    DURATION_SECONDS,
    UPLOADED_AT,
    FILE_SIZE,
    SHA256,
    PARTICIPANT_ID,
    *QUALITY,
    *REVIEW,
]
HEARD_TAKE = [
    FILE_NAME,
    RECORDING_ID,
    SESSION_ID,
    FORMATO,
    DURATION_SECONDS,
    UPLOADED_AT,
    SHA256,
    *PARTICIPANT,
    TEXTO_ID,
    TEXTO_TITULO,
    TEXTO_LEIDO,
    *QUALITY,
    *REVIEW,
]
RELEASE_TAKE = [
    SESSION_KEY,
    RECORDING_KEY,
    AUDIO_FILE,
    FORMATO,
    DURATION_SECONDS,
    UPLOADED_AT,
    SURVEY_KEY,
    SURVEY_COMPLETED_AT,
    AUDIO_MISSING,
    SPLIT,
    *PARTICIPANT,
    ESTADO,
    *SESSION_TIMES,
    TEXTO_ID,
    TEXTO_TITULO,
    TEXTO_TAGS,
    TEXTO_LEIDO,
    FILE_SIZE,
    SHA256,
    *QUALITY,
    *REVIEW,
]
RELEASE_SURVEY = [OWN_SURVEY_KEY, SESSION_KEY, SURVEY_CREATED_AT]


def answer_column(key: str, *, name: str | None = None) -> Column:
    """The answers to one question."""
    return Column(
        key if name is None else name,
        Kind.TEXT,
        f"Respuesta a la pregunta «{key}»",
        lambda row: row.answers.get(key),
    )

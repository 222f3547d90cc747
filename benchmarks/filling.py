"""Sessions and recordings by the thousand, written to the database past the application."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from benchmarks.system import checked
from toastclub.testing.server import Client, Server

ANSWERS = {
    "experiencia_general": "excelente",
    "comodidad_visor": "buena",
    "nervios_antes": 4,
    "nervios_despues": 2,
    "volveria_usar": "si",
    "comentario": "Al principio me temblaba la voz, pero el público ayudó a seguir.",
}

_SESSIONS = """
INSERT INTO sessions (session_code, user_id, title, description, text_id, text_title, text_pages,
    text_tags, text_words, estado, created_at, updated_at, started_at, completed_at)
SELECT 'b' || lpad(number::text, 8, '0'), user_id, title, description, text_id, text_title,
    text_pages, text_tags, text_words, 'completed', now(), now(), now(), now()
FROM generate_series(1, %(count)s) AS number
JOIN (SELECT *, row_number() OVER () AS place, count(*) OVER () AS places FROM sessions) AS read
    ON place = number %% places + 1
ORDER BY number
"""
_PARTICIPANTS = """
INSERT INTO participants (session_id, nombre, edad_aproximada, email_opcional)
SELECT id, 'Participante ' || id, 18 + id %% 60, 'participante' || id || '@example.org'
FROM sessions WHERE estado = 'completed'
"""
_SURVEYS = """
INSERT INTO surveys (session_id, user_id, questions, respuestas_json, created_at, completed_at)
SELECT id, user_id, '[]', %(answers)s, now(), now() FROM sessions WHERE estado = 'completed'
"""
_RECORDINGS = """
COPY recordings (session_id, audio_url, file_size, sha256, crc32, formato, duracion_segundos,
    contenedor, codec, frecuencia_hz, canales, pico_dbfs, rms_dbfs, proporcion_saturada,
    proporcion_silencio, avisos, metadata_carga, is_processed, storage_fault, review_state,
    review_reason, review_note, created_at, uploaded_at)
FROM STDIN
"""
_MEASURED = (33, "wav", "pcm_s16le", 16_000, 1, -6, -21, 0, 0.2, "[]", "{}", True, "")
_REVIEW_AND_MOMENTS = ("sin_revisar", "", "", "now", "now")


@dataclass(frozen=True)
class Stored:
    """A recording as its row has it."""

    session_id: int
    key: str
    size: int
    sha256: str
    crc32: int


def fill(server: Server, staff: Client, count: int) -> None:
    """As many sessions in a new database, numbered from 1 on.

    The first are newly created, one for each text; all others have been completed.
    """
    texts = checked(staff.get("/texts")).json()["texts"]
    for text in texts:
        session = {"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": text["Id"]}
        checked(staff.post("/sessions", json=session))
    with _database(server) as database:
        database.execute(_SESSIONS, {"count": count - len(texts)})
        database.execute(_PARTICIPANTS, {})
        database.execute(_SURVEYS, {"answers": json.dumps(ANSWERS, ensure_ascii=False)})


def add_recordings(server: Server, recordings: Iterable[Stored]) -> None:
    with _database(server) as database, database.cursor().copy(_RECORDINGS) as copy:
        for stored in recordings:
            facts = (stored.session_id, stored.key, stored.size, stored.sha256, stored.crc32)
            copy.write_row((*facts, "audio/wav", *_MEASURED, *_REVIEW_AND_MOMENTS))


def settle(server: Server) -> None:
    """Does now what the database would do some time after so many rows have come."""
    with _database(server) as database:
        database.autocommit = True
        database.execute("VACUUM ANALYZE")


def _database(server: Server) -> psycopg.Connection:
    return psycopg.connect(server.environment["DATABASE_URL"])

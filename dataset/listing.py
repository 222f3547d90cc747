"""The dataset as one JSON document, written piece by piece.

The database's rows become JSON without becoming models first, and what is kept as JSON text goes
on as it is: the pages of a session's text are most of the document.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast

from dataset.rows import (
    ROWS_AT_A_TIME,
    Merge,
    recordings_in_order,
    sessions_in_order,
    surveys_in_order,
)
from dataset.selection import Selection
from toastclub.serializers import api_time
from toastclub.snapshots import snapshot
from toastclub.streams import in_pieces

SESSION_COLUMNS = (
    "pk",
    "session_code",
    "participant__nombre",
    "participant__edad_aproximada",
    "participant__email_opcional",
    "text_id",
    "text_title",
    "tags_json",
    "pages_json",
    "estado",
    "created_at",
)


def listing_json(selection: Selection) -> Iterator[bytes]:
    """`{"dataset": […], "total_sessions": N}`, ordered by session, at constant memory."""
    with snapshot():
        yield from in_pieces(_document(selection))


def _document(selection: Selection) -> Iterator[bytes]:
    total = 0
    yield b'{"dataset":['
    for entry in _entries(selection):
        yield (b"," if total else b"") + orjson.dumps(entry)
        total += 1
    yield b'],"total_sessions":%d}' % total


def _entries(selection: Selection) -> Iterator[dict[str, Any]]:
    sessions = sessions_in_order(selection).annotate(
        tags_json=Cast("text_tags", TextField()), pages_json=Cast("text_pages", TextField())
    )
    recordings = recordings_in_order(selection).values_list("session", "pk", "audio", "created_at")
    surveys = surveys_in_order(selection).values_list(
        "session", Cast("respuestas_json", TextField())
    )
    recordings_of = Merge(recordings.iterator(ROWS_AT_A_TIME), itemgetter(0))
    answers_of = Merge(surveys.iterator(ROWS_AT_A_TIME), itemgetter(0))
    for session in sessions.values_list(*SESSION_COLUMNS).iterator(ROWS_AT_A_TIME):
        yield _entry(session, recordings_of.take(session[0]), answers_of.take(session[0]))


def _entry(session: Any, recordings: list[Any], answers: list[Any]) -> dict[str, Any]:
    number, code, name, age, email, text_id, title, tags, pages, estado, created_at = session
    return {
        "session_id": number,
        "session_code": code,
        "participant_name": name or "",  # erased, perhaps
        "participant_age": age,
        "participant_email": email,
        "texto_seleccionado": {
            "Id": text_id,
            "Title": title,
            "Tags": orjson.Fragment(tags),
            "Pages": orjson.Fragment(pages),
        },
        "estado": estado,
        "created_at": api_time(created_at),
        "recordings_count": len(recordings),
        "recordings": [
            {"id": recording, "audio_url": audio, "created_at": api_time(stored_at)}
            for _session, recording, audio, stored_at in recordings
        ],
        "surveys_count": len(answers),
        "survey_responses": [orjson.Fragment(answer) for _session, answer in answers],
    }

"""The dataset as one JSON document, written piece by piece."""

import json
from collections.abc import Iterator
from typing import Any

from dataset.rows import SessionRow, session_rows
from sessions_app.models import Session
from toastclub.serializers import api_time


def listing_json() -> Iterator[str]:
    """`{"dataset": […], "total_sessions": N}`, ordered by session, at constant memory."""
    total = 0
    yield '{"dataset":['
    for row in session_rows(Session.objects.all()):
        yield ("," if total else "") + json.dumps(entry(row), ensure_ascii=False)
        total += 1
    yield f'],"total_sessions":{total}}}'


def entry(row: SessionRow) -> dict[str, Any]:
    session, participant = row.session, row.session.datos_participante
    return {
        "session_id": session.pk,
        "session_code": session.session_code,
        "participant_name": participant["nombre"],
        "participant_age": participant["edad_aproximada"],
        "participant_email": participant["email_opcional"],
        "texto_seleccionado": session.texto_seleccionado,
        "estado": session.estado,
        "created_at": api_time(session.created_at),
        "recordings_count": len(row.recordings),
        "recordings": [
            {
                "id": recording.pk,
                "audio_url": recording.audio_url,
                "created_at": api_time(recording.created_at),
            }
            for recording in row.recordings
        ],
        "surveys_count": len(row.surveys),
        "survey_responses": [survey.respuestas_json for survey in row.surveys],
    }

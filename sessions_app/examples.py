"""The contract's examples, for the OpenAPI document."""

from drf_spectacular.utils import OpenApiExample

PARTICIPANT = {
    "nombre": "Juan Pérez",
    "edad_aproximada": 25,
    "email_opcional": "juan@example.com",
}
TEXT = {
    "Id": "20251225202648_0001",
    "Title": "La Tiranía del Embudo...",
    "Pages": [["línea1", "línea2"], ["línea3", "línea4"]],
    "Tags": {"tema": "especialización", "duracion_aprox": "6-7 min"},
}
SESSION = {
    "id": 123,
    "session_code": "acd34efgh",
    "datos_participante": PARTICIPANT,
    "texto_seleccionado": TEXT,
    "estado": "created",
    "created_at": "2026-01-08T10:30:00.000000-05:00",
    "updated_at": "2026-01-08T10:30:00.000000-05:00",
    "title": "",
    "description": "",
    "user_id": 1,
    "started_at": None,
    "completed_at": None,
    "recording_id": None,
    "survey_id": None,
}
NEW_SESSION = OpenApiExample(
    "Sesión nueva",
    {"datos_participante": PARTICIPANT, "texto_seleccionado_id": TEXT["Id"]},
    request_only=True,
)
SESSION_RESPONSE = OpenApiExample(
    "Sesión", SESSION, response_only=True, status_codes=["200", "201"]
)
STATE_CHANGE = OpenApiExample("Empezar", {"new_state": "running"}, request_only=True)

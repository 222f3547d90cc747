"""Bodies shown in the description of the API."""

from drf_spectacular.utils import OpenApiExample

RECORDING = {
    "id": 55,
    "session_id": 123,
    "audio_url": "recordings/session_123/9f4d2c1a-5b7e-4c3d-8a6f-0e1d2c3b4a59.wav",
    "duracion_segundos": 371.42,
    "formato": "audio/wav",
    "created_at": "2026-01-08T10:35:00.000000-05:00",
    "file_size": 11885484,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uploaded_at": "2026-01-08T10:35:02.000000-05:00",
    "is_processed": True,
    "metadata_carga": {},
    "calidad": {
        "contenedor": "wav",
        "codec": "pcm_s16le",
        "duracion_segundos": 371.42,
        "frecuencia_hz": 16000,
        "canales": 1,
        "pico_dbfs": -3.52,
        "rms_dbfs": -23.87,
        "proporcion_saturada": 0.0,
        "proporcion_silencio": 0.2134,
    },
    "avisos": [],
    "avisos_mensajes": [],
}
RECORDING_RESPONSE = OpenApiExample(
    "Grabación", RECORDING, response_only=True, status_codes=["200", "201"]
)
DOWNLOAD = OpenApiExample(
    "URL",
    {
        "recording_id": 55,
        "download_url": "https://...presigned...",
        "expires_in": 600,
    },
)
PARTS = [
    {"number": 1, "size": 5242880, "url": "https://...presigned..."},
    {"number": 2, "size": 5242880, "url": "https://...presigned..."},
    {"number": 3, "size": 1399724, "url": "https://...presigned..."},
]
UPLOAD = {
    "upload_id": "3f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1e",
    "part_size": 5242880,
    "parts": PARTS,
    "expires_in": 3600,
}
NEW_UPLOAD = OpenApiExample(
    "Lo que se va a enviar",
    {"size": 11885484, "sha256": RECORDING["sha256"], "content_type": "audio/wav"},
    request_only=True,
)
BEGUN_UPLOAD = OpenApiExample("Subida", UPLOAD, response_only=True, status_codes=["201"])
FOUND_RECORDING = OpenApiExample(
    "Ya estaba", {"recording": RECORDING}, response_only=True, status_codes=["200"]
)
UPLOAD_STATUS = OpenApiExample(
    "Faltan dos partes",
    {**UPLOAD, "parts": PARTS[1:], "arrived": [1], "recording": None},
)

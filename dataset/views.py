from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.permissions import IsAnalyst, user_of
from dataset.export import export_name, export_zip
from dataset.listing import listing_json
from dataset.serializers import DatasetSerializer
from sessions_app.examples import TEXT
from toastclub.addresses import client_address

Piece = TypeVar("Piece", str, bytes)

DATASET_EXAMPLE = {
    "dataset": [
        {
            "session_id": 123,
            "session_code": "acd34efgh",
            "participant_name": "Juan Pérez",
            "participant_age": 25,
            "participant_email": "juan@example.com",
            "texto_seleccionado": TEXT,
            "estado": "completed",
            "created_at": "2026-01-08T10:30:00.000000-05:00",
            "recordings_count": 1,
            "recordings": [
                {
                    "id": 55,
                    "audio_url": "recordings/session_123/9f4d2c1a-5b7e-4c3d-8a6f.wav",
                    "created_at": "2026-01-08T10:35:00.000000-05:00",
                }
            ],
            "surveys_count": 1,
            "survey_responses": [{"experiencia_general": "excelente"}],
        }
    ],
    "total_sessions": 1,
}


class DatasetView(APIView):
    permission_classes = (IsAnalyst,)

    @extend_schema(
        tags=["dataset"],
        operation_id="list_dataset",
        summary="Todas las sesiones con sus grabaciones y encuestas",
        responses=DatasetSerializer,
        examples=[OpenApiExample("Dataset", DATASET_EXAMPLE)],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse(begun(listing_json()), content_type="application/json")


class DatasetExportView(APIView):
    permission_classes = (IsAnalyst,)

    @extend_schema(
        tags=["dataset"],
        operation_id="export_dataset",
        summary="El dataset en un ZIP: dos tablas CSV y los audios",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        pieces = export_zip(by=user_of(request), address=client_address(request._request))
        return StreamingHttpResponse(
            begun(pieces),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{export_name()}"'},
        )


def begun(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces, the first already made: what fails by then is a clean error."""
    return chain([next(pieces)], pieces)

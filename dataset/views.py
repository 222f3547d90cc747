from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsAnalyst, user_of
from dataset.models import Release
from dataset.responses import export_response, listing_response
from dataset.selection import IDENTIFIABLE
from dataset.serializers import (
    DatasetSerializer,
    ReleaseDownloadSerializer,
    ReleaseSerializer,
)
from recordings.choices import Revision
from recordings.serializers import DownloadParams
from sessions_app.choices import Estado
from sessions_app.examples import TEXT
from toastclub.addresses import client_address
from toastclub.filters import MOMENT_SCHEMA

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


FILTERS = [
    OpenApiParameter("estado", str, enum=Estado.values, description="Estado de la sesión."),
    OpenApiParameter(
        "desde", MOMENT_SCHEMA, description="Fecha u hora de creación de la sesión, incluida."
    ),
    OpenApiParameter(
        "hasta", MOMENT_SCHEMA, description="Fecha u hora de creación de la sesión, incluida."
    ),
    OpenApiParameter("texto", str, description="`Id` del texto."),
    OpenApiParameter(
        "tag.tema",
        str,
        description="`tag.<clave>`: el texto tenía esa etiqueta con ese valor cuando se leyó. "
        "Puede haber varias, de claves distintas.",
    ),
    OpenApiParameter("con_audio", bool, description="Con grabaciones, o sin ninguna."),
    OpenApiParameter(
        "avisos",
        bool,
        description="Solo las grabaciones con algún aviso, o solo las que no tienen ninguno, y sus "
        "sesiones.",
    ),
    OpenApiParameter(
        "revision",
        str,
        enum=Revision.values,
        description="Solo las grabaciones en ese estado de revisión, y sus sesiones.",
    ),
]


FILTER_NAMES = [parameter.name for parameter in FILTERS]
RELEASE_EXAMPLE = {
    "number": 2,
    "released_at": "2026-02-01T09:00:10.000000-05:00",
    "snapshot_at": "2026-02-01T09:00:00.000000-05:00",
    "software_version": "0.1.0",
    "file_name": "toastclub_dataset_v2.zip",
    "file_size": 734003200,
    "sha256": "f5be7dcb0d1bd4a1a1d3a6d6a6bb2d1aa6ae5b2cbd3d4bd3b6cb2bd3ae1f9c31",
    "counts": {"sessions": 610, "recordings": 600, "audio_missing": 0, "surveys": 598},
    "splits": {
        "train": {"sessions": 489, "recordings": 481},
        "validation": {"sessions": 60, "recordings": 59},
        "test": {"sessions": 61, "recordings": 60},
    },
    "changes": {"added": 120, "removed": 0, "changed": 2},
}
RELEASE_DOWNLOAD_EXAMPLE = {
    **RELEASE_EXAMPLE,
    "download_url": "https://...presigned...",
    "expires_in": 600,
}


class DatasetView(APIView):
    permission_classes = (IsAnalyst,)
    filter_names = FILTER_NAMES

    @extend_schema(
        tags=["dataset"],
        operation_id="list_dataset",
        summary="Todas las sesiones con sus grabaciones y encuestas",
        description="Con los datos de los participantes; queda registrado quién lo pidió.",
        parameters=FILTERS,
        responses=DatasetSerializer,
        examples=[OpenApiExample("Dataset", DATASET_EXAMPLE)],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        asked = dict(request.query_params.lists())
        return listing_response(asked, request._request, user_of(request))


class DatasetExportView(APIView):
    permission_classes = (IsAnalyst,)
    filter_names = (*FILTER_NAMES, IDENTIFIABLE)

    @extend_schema(
        tags=["dataset"],
        operation_id="export_dataset",
        summary="El dataset en un ZIP: tablas CSV, los audios y qué es cada cosa",
        parameters=[
            *FILTERS,
            OpenApiParameter(
                IDENTIFIABLE,
                bool,
                description="Con nombres, correos y edades de los participantes; queda registrado.",
            ),
        ],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        asked = dict(request.query_params.lists())
        return export_response(asked, request._request, user_of(request))


class ReleaseListView(generics.ListAPIView):
    permission_classes = (IsAnalyst,)
    queryset = Release.objects.ready()
    serializer_class = ReleaseSerializer

    @extend_schema(
        tags=["dataset"],
        operation_id="list_releases",
        summary="Las versiones del dataset, la última primero",
        examples=[OpenApiExample("Versión", RELEASE_EXAMPLE)],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ReleaseView(APIView):
    permission_classes = (IsAnalyst,)

    @extend_schema(
        tags=["dataset"],
        operation_id="get_release",
        summary="Una versión del dataset, con una URL temporal de su ZIP; queda registrada",
        parameters=[DownloadParams],
        responses=ReleaseDownloadSerializer,
        examples=[OpenApiExample("Versión", RELEASE_DOWNLOAD_EXAMPLE)],
    )
    def get(self, request: Request, number: str) -> Response:
        params = DownloadParams(data=request.query_params)
        params.is_valid(raise_exception=True)
        expires_in = params.validated_data["expires_seconds"]
        release = Release.objects.by_number(number)
        if request.method == "HEAD":  # which would hand out nothing
            return Response()
        url = release.hand_out_url(
            user_of(request), address=client_address(request._request), expires_in=expires_in
        )
        return Response(
            {
                **ReleaseSerializer(release).data,
                "download_url": request.build_absolute_uri(url),
                "expires_in": expires_in,
            }
        )

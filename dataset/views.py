from typing import Any

from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import IsAnalyst, user_of
from dataset.export import Recipient, send_export
from dataset.listing import listing_json
from dataset.selection import read_flag, select
from dataset.serializers import DatasetSerializer
from sessions_app.choices import Estado
from sessions_app.examples import TEXT
from toastclub.addresses import client_address
from toastclub.filters import MOMENT_SCHEMA
from toastclub.streams import Begun

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
]


class DatasetView(APIView):
    permission_classes = (IsAnalyst,)

    @method_decorator(gzip_page)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(*args, **kwargs)

    @extend_schema(
        tags=["dataset"],
        operation_id="list_dataset",
        summary="Todas las sesiones con sus grabaciones y encuestas",
        parameters=FILTERS,
        responses=DatasetSerializer,
        examples=[OpenApiExample("Dataset", DATASET_EXAMPLE)],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        selection = select(dict(request.query_params.lists()))
        return StreamingHttpResponse(
            Begun(listing_json(selection)), content_type="application/json"
        )


class DatasetExportView(APIView):
    permission_classes = (IsAnalyst,)

    @extend_schema(
        tags=["dataset"],
        operation_id="export_dataset",
        summary="El dataset en un ZIP: tablas CSV, los audios y qué es cada cosa",
        parameters=[
            *FILTERS,
            OpenApiParameter(
                "identificables",
                bool,
                description="Con nombres, correos y edades de los participantes; queda registrado.",
            ),
        ],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        return export_response(request.query_params, request._request, user_of(request))


def export_response(params: QueryDict, request: HttpRequest, user: User) -> StreamingHttpResponse:
    """The export that those parameters ask for, sent to that analyst."""
    asked = dict(params.lists())
    is_identifiable = read_flag("identificables", asked.pop("identificables", [""]))
    recipient = Recipient(user.email, user, client_address(request))
    sending = send_export(select(asked), recipient, is_identifiable=is_identifiable)
    return StreamingHttpResponse(
        sending.pieces,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{sending.name}"',
            "Content-Length": str(sending.size),
        },
    )

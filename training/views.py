from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from training.models import Text
from training.serializers import (
    TagIndexSerializer,
    TextListSerializer,
    TextSerializer,
    TextSummarySerializer,
)
from training.tags import tag_index

EXAMPLE_TAGS = {
    "audiencia": "investigadores y profesionales técnicos",
    "contexto": "academia e industria",
    "duracion_aprox": "6-7 min",
    "intencion": "promover integración de saberes",
    "referentes": "crítica al especialismo",
    "subtema": "interdisciplinariedad",
    "tema": "especialización",
    "tono": "combativo",
}
EXAMPLE_TEXT = {
    "Id": "20251225202648_0001",
    "Title": "La Tiranía del Embudo: Cuando el Especialismo nos convierte en Expertos "
    "Incompetentes",
    "Tags": EXAMPLE_TAGS,
}
EXAMPLE_PAGES = [
    ["", "", "La Tiranía del Embudo: Cuando el", "Especialismo nos convierte en Expertos"],
    ["Colegas, estudiantes:", "", "Hay una frase cruel, pero demoledora, que"],
]


class PublicView(APIView):
    """Texts are open to all: no credential is looked at."""

    authentication_classes = ()
    permission_classes = ()


class TextListView(PublicView):
    @extend_schema(
        tags=["texts"],
        operation_id="list_texts",
        summary="Lista los textos, sin sus páginas",
        description="Cualquier otro parámetro es un filtro por el tag de ese nombre; todos "
        "deben cumplirse. Se compara sin distinguir mayúsculas ni espacios alrededor.",
        parameters=[
            OpenApiParameter("tema", str, examples=[OpenApiExample("tema", "especialización")]),
            OpenApiParameter("tono", str, examples=[OpenApiExample("tono", "combativo")]),
        ],
        responses=TextListSerializer,
        examples=[OpenApiExample("Un texto", {"texts": [EXAMPLE_TEXT], "total": 1})],
    )
    def get(self, request: Request) -> Response:
        wanted = [(key, value) for key, values in request.query_params.lists() for value in values]
        texts: Any = Text.objects.with_tags(wanted).defer("pages")
        summaries = TextSummarySerializer(texts, many=True).data
        return Response({"texts": summaries, "total": len(summaries)})


class TextTagsView(PublicView):
    @extend_schema(
        tags=["texts"],
        operation_id="list_text_tags",
        summary="Los tags por los que se puede filtrar, con sus valores",
        responses=TagIndexSerializer,
        examples=[
            OpenApiExample(
                "Índice",
                {
                    "keys": ["tema", "tono"],
                    "values": {
                        "tema": [
                            "especialización",
                            "ética universitaria",
                            "meritocracia",
                            "misión de la universidad",
                        ],
                        "tono": ["combativo", "crítico", "provocador", "reflexivo-crítico"],
                    },
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        index = tag_index(text.tags for text in Text.objects.only("tags"))
        return Response({"keys": list(index), "values": index})


class TextView(PublicView):
    @extend_schema(
        tags=["texts"],
        operation_id="get_text",
        summary="Un texto con sus páginas, tal como se muestran en RV",
        responses=TextSerializer,
        examples=[OpenApiExample("Texto", {**EXAMPLE_TEXT, "Pages": EXAMPLE_PAGES})],
    )
    def get(self, request: Request, text_id: str) -> Response:
        return Response(TextSerializer(Text.objects.by_id(text_id)).data)

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsAnalyst
from sessions_app.actors import actor_behind
from sessions_app.views import SessionAccess
from surveys.models import Survey
from surveys.serializers import (
    AnswersSerializer,
    NewSurveySerializer,
    SurveyChangesSerializer,
    SurveySerializer,
)
from toastclub.filters import IdFilter, SinceFilter, UntilFilter

ANSWERS = {
    "experiencia_general": "excelente",
    "facilidad_uso": "muy_facil",
    "utilidad_entrenamiento": "muy_util",
    "volveria_usar": "si",
    "mejoras_sugeridas": "Agregar más textos de práctica",
}
ANSWERS_REQUEST = OpenApiExample("Respuestas", {"respuestas_json": ANSWERS}, request_only=True)
SURVEY_RESPONSE = OpenApiExample(
    "Encuesta",
    {
        "id": 77,
        "session_id": 123,
        "respuestas_json": ANSWERS,
        "created_at": "2026-01-08T10:40:00.000000-05:00",
        "user_id": None,
        "questions": [],
        "is_completed": True,
        "completed_at": "2026-01-08T10:40:00.000000-05:00",
    },
    response_only=True,
    status_codes=["200", "201"],
)


class SessionSurveyView(SessionAccess):
    @extend_schema(
        tags=["surveys"],
        operation_id="list_session_surveys",
        summary="Las encuestas de una sesión, de la más antigua a la más nueva",
        responses=SurveySerializer(many=True),
        examples=[SURVEY_RESPONSE],
    )
    def get(self, request: Request, session_id: str) -> Response:
        surveys = self.find_session(session_id).surveys.order_by("created_at", "pk")
        return Response(SurveySerializer(surveys, many=True).data)

    @extend_schema(
        tags=["surveys"],
        operation_id="submit_session_survey",
        summary="Envía las respuestas; si la sesión las esperaba, queda completada",
        request=AnswersSerializer,
        responses={201: SurveySerializer},
        examples=[ANSWERS_REQUEST, SURVEY_RESPONSE],
    )
    def post(self, request: Request, session_id: str) -> Response:
        session = self.find_session(session_id)
        submitted = AnswersSerializer(data=request.data)
        submitted.is_valid(raise_exception=True)
        survey = Survey.objects.submit(
            session,
            by=actor_behind(request.user),
            answers=submitted.validated_data["respuestas_json"],
        )
        return Response(SurveySerializer(survey).data, status=status.HTTP_201_CREATED)


class SurveyFilter(filters.FilterSet):
    session_id = IdFilter(field_name="session_id")
    desde = SinceFilter(field_name="created_at")
    hasta = UntilFilter(field_name="created_at")


class SurveyListView(generics.ListAPIView):
    permission_classes = (IsAnalyst,)
    queryset = Survey.objects.all()
    serializer_class = SurveySerializer
    filterset_class = SurveyFilter
    extra_errors = {"POST": (404,)}

    @extend_schema(tags=["surveys"], operation_id="list_surveys", summary="Lista las encuestas")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["surveys"],
        operation_id="create_survey",
        summary="Crea una encuesta; sin respuestas queda pendiente",
        request=NewSurveySerializer,
        responses={201: SurveySerializer},
        examples=[SURVEY_RESPONSE],
    )
    def post(self, request: Request) -> Response:
        new = NewSurveySerializer(data=request.data)
        new.is_valid(raise_exception=True)
        fields = dict(new.validated_data)
        session = fields.pop("session_id")
        survey = Survey.objects.submit(session, by=actor_behind(request.user), **fields)
        return Response(SurveySerializer(survey).data, status=status.HTTP_201_CREATED)


class SurveyView(APIView):
    permission_classes = (IsAnalyst,)

    @extend_schema(
        tags=["surveys"],
        operation_id="get_survey",
        summary="Obtiene una encuesta",
        responses=SurveySerializer,
        examples=[SURVEY_RESPONSE],
    )
    def get(self, request: Request, survey_id: str) -> Response:
        return Response(SurveySerializer(find_survey(survey_id)).data)

    @extend_schema(
        tags=["surveys"],
        operation_id="update_survey",
        summary="Completa o corrige una encuesta; lo ausente queda como está",
        request=SurveyChangesSerializer,
        responses=SurveySerializer,
        examples=[ANSWERS_REQUEST, SURVEY_RESPONSE],
    )
    def put(self, request: Request, survey_id: str) -> Response:
        survey = find_survey(survey_id)
        changes = SurveyChangesSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        survey.change(**changes.validated_data, by=actor_behind(request.user))
        return Response(SurveySerializer(survey).data)

    @extend_schema(
        tags=["surveys"],
        operation_id="delete_survey",
        summary="Elimina una encuesta",
        responses={204: None},
    )
    def delete(self, request: Request, survey_id: str) -> Response:
        find_survey(survey_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


def find_survey(survey_id: str) -> Survey:
    return Survey.objects.by_id(survey_id)

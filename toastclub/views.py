"""The home page, and whether the system is up."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from toastclub.errors import RETRY_AFTER_SECONDS, ServiceUnavailable


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for it on pages that name none."""
    return redirect(static("toastclub/favicon.svg"))


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()


class ReadinessSerializer(HealthSerializer):
    database = serializers.BooleanField()
    store = serializers.BooleanField()


class NotReadySerializer(ReadinessSerializer):
    detail = serializers.CharField()


class OpenView(APIView):
    authentication_classes = ()
    permission_classes = ()


class HealthView(OpenView):
    @extend_schema(
        tags=["health"],
        operation_id="health",
        summary="Responde mientras el proceso vive",
        responses=HealthSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadinessView(OpenView):
    @extend_schema(
        tags=["health"],
        operation_id="readiness",
        summary="Comprueba la base de datos y el almacén de audio",
        responses={200: ReadinessSerializer, 503: NotReadySerializer},
    )
    def get(self, request: Request) -> Response:
        parts = {"database": database_answers(), "store": store_answers()}
        if all(parts.values()):
            return Response({"status": "ok", **parts})
        down = ", ".join(name for name, answers in parts.items() if not answers)
        return Response(
            {"status": "unavailable", "detail": f"No responde: {down}", **parts},
            status=status.HTTP_503_SERVICE_UNAVAILABLE,
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )


def database_answers() -> bool:
    """Whether a new connection gets an answer.

    One that is open already would wait without end for a server that hangs.
    """
    fresh = connection.copy(alias="readiness")
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    finally:
        fresh.close()
    return True


def store_answers() -> bool:
    try:
        default_storage.check()  # type: ignore[attr-defined]  # both storages have it
    except ServiceUnavailable:
        return False
    return True

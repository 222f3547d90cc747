from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsAnalyst, user_of
from recordings import services
from recordings.models import Recording
from recordings.ranges import ranged_response
from recordings.serializers import (
    DownloadParams,
    DownloadSerializer,
    MockRecordingSerializer,
    MockRecordingWithSessionSerializer,
    RecordingSerializer,
    UploadSerializer,
    UploadWithSessionSerializer,
)
from recordings.storages import signed_key
from sessions_app.actors import actor_behind
from sessions_app.models import Session
from sessions_app.views import SessionAccess
from toastclub.filters import IdFilter, SinceFilter, UntilFilter
from toastclub.parsers import StrictMultiPartParser
from toastclub.responses import handler403, handler404

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
}
RECORDING_RESPONSE = OpenApiExample(
    "Grabación", RECORDING, response_only=True, status_codes=["200", "201"]
)
UPLOAD_RESPONSES = {201: RecordingSerializer, 200: RecordingSerializer}


class Uploading:
    """What both upload calls share."""

    def upload_response(self, request: Request, session: Session) -> Response:
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        recording, is_new = services.store_upload(
            session, form.validated_data["file"], by=actor_behind(request.user)
        )
        created = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(RecordingSerializer(recording).data, status=created)


class SessionUploadView(SessionAccess, Uploading):
    parser_classes = (StrictMultiPartParser,)
    extra_errors = {"POST": (409,)}

    @extend_schema(
        tags=["recordings"],
        operation_id="upload_recording",
        summary="Sube la grabación de una sesión",
        description="Los mismos bytes, enviados otra vez, son la misma grabación: 200.",
        request={"multipart/form-data": UploadSerializer},
        responses=UPLOAD_RESPONSES,
        examples=[RECORDING_RESPONSE],
    )
    def post(self, request: Request, session_id: str) -> Response:
        return self.upload_response(request, self.find_session(session_id))


class SessionRecordingView(SessionAccess):
    extra_errors = {"POST": (409,)}

    @extend_schema(
        tags=["recordings"],
        operation_id="create_session_recording",
        summary="Registra una grabación sin audio (solo pruebas web)",
        request=MockRecordingSerializer,
        responses={201: RecordingSerializer},
        examples=[RECORDING_RESPONSE],
    )
    def post(self, request: Request, session_id: str) -> Response:
        session = self.find_session(session_id)
        mock = MockRecordingSerializer(data=request.data)
        mock.is_valid(raise_exception=True)
        return mock_response(request, session, mock.validated_data)


def mock_response(request: Request, session: Session, fields: dict[str, Any]) -> Response:
    recording = services.record_mock(session, fields=fields, by=actor_behind(request.user))
    return Response(RecordingSerializer(recording).data, status=status.HTTP_201_CREATED)


class RecordingFilter(filters.FilterSet):
    session_id = IdFilter(field_name="session_id")
    desde = SinceFilter(field_name="created_at")
    hasta = UntilFilter(field_name="created_at")


class RecordingListView(generics.ListAPIView):
    permission_classes = (IsAnalyst,)
    queryset = Recording.objects.all()
    serializer_class = RecordingSerializer
    filterset_class = RecordingFilter
    extra_errors = {"POST": (404, 409)}

    @extend_schema(
        tags=["recordings"], operation_id="list_recordings", summary="Lista las grabaciones"
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["recordings"],
        operation_id="create_recording",
        summary="Registra una grabación sin audio (llamada antigua)",
        request=MockRecordingWithSessionSerializer,
        responses={201: RecordingSerializer},
        examples=[RECORDING_RESPONSE],
    )
    def post(self, request: Request) -> Response:
        mock = MockRecordingWithSessionSerializer(data=request.data)
        mock.is_valid(raise_exception=True)
        fields = dict(mock.validated_data)
        session = fields.pop("session_id")
        return mock_response(request, session, fields)


class RecordingUploadView(Uploading, APIView):
    permission_classes = (IsAnalyst,)
    parser_classes = (StrictMultiPartParser,)
    extra_errors = {"POST": (404, 409)}

    @extend_schema(
        tags=["recordings"],
        operation_id="upload_recording_with_session_id",
        summary="Sube una grabación (llamada antigua)",
        request={"multipart/form-data": UploadWithSessionSerializer},
        responses=UPLOAD_RESPONSES,
        examples=[RECORDING_RESPONSE],
    )
    def post(self, request: Request) -> Response:
        form = UploadWithSessionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self.upload_response(request, form.validated_data["session_id"])


class RecordingView(APIView):
    permission_classes = (IsAnalyst,)

    @extend_schema(
        tags=["recordings"],
        operation_id="get_recording",
        summary="Obtiene una grabación",
        responses=RecordingSerializer,
        examples=[RECORDING_RESPONSE],
    )
    def get(self, request: Request, recording_id: str) -> Response:
        return Response(RecordingSerializer(find_recording(recording_id)).data)

    @extend_schema(
        tags=["recordings"],
        operation_id="delete_recording",
        summary="Elimina una grabación y su audio",
        responses={204: None},
    )
    def delete(self, request: Request, recording_id: str) -> Response:
        find_recording(recording_id).remove()
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecordingDownloadView(APIView):
    permission_classes = (IsAnalyst,)

    @extend_schema(
        tags=["recordings"],
        operation_id="download_recording",
        summary="Una URL temporal para descargar el audio; queda registrada",
        parameters=[DownloadParams],
        responses=DownloadSerializer,
        examples=[
            OpenApiExample(
                "URL",
                {
                    "recording_id": 55,
                    "download_url": "https://...presigned...",
                    "expires_in": 600,
                },
            )
        ],
    )
    def get(self, request: Request, recording_id: str) -> Response:
        params = DownloadParams(data=request.query_params)
        params.is_valid(raise_exception=True)
        expires_in = params.validated_data["expires_seconds"]
        recording = find_recording(recording_id)
        url = recording.hand_out_url(user_of(request), expires_in=expires_in)
        return Response(
            {
                "recording_id": recording.pk,
                "download_url": request.build_absolute_uri(url),
                "expires_in": expires_in,
            }
        )


def find_recording(recording_id: str) -> Recording:
    return Recording.objects.by_id(recording_id)


@csrf_exempt
@require_safe
def signed_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """A recording on local disk, at the address that its storage signed."""
    key = signed_key(token)
    if key is None:
        return handler403(request)
    recording = Recording.objects.filter(audio=key).select_related("session").first()
    if recording is None or not default_storage.exists(key):
        return handler404(request)
    response = ranged_response(
        request,
        default_storage.open(key),
        size=default_storage.size(key),
        content_type=recording.formato,
    )
    response["Content-Disposition"] = recording.content_disposition
    response["Cache-Control"] = "private, no-store"
    return response

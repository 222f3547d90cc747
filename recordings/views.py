from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsAnalyst, user_of
from recordings.examples import DOWNLOAD, RECORDING_RESPONSE
from recordings.models import Recording
from recordings.serializers import (
    DownloadParams,
    DownloadSerializer,
    MockRecordingWithSessionSerializer,
    RecordingSerializer,
)
from recordings.upload_views import mock_response
from toastclub.addresses import client_address
from toastclub.filters import IdFilter, SinceFilter, UntilFilter


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
        examples=[DOWNLOAD],
    )
    def get(self, request: Request, recording_id: str) -> Response:
        params = DownloadParams(data=request.query_params)
        params.is_valid(raise_exception=True)
        expires_in = params.validated_data["expires_seconds"]
        recording = find_recording(recording_id)
        url = recording.hand_out_url(
            user_of(request),
            address=client_address(request._request),
            expires_in=expires_in,
        )
        return Response(
            {
                "recording_id": recording.pk,
                "download_url": request.build_absolute_uri(url),
                "expires_in": expires_in,
            }
        )


def find_recording(recording_id: str) -> Recording:
    return Recording.objects.by_id(recording_id)

"""The ways in: a form, and parts that go to the store past this application."""

from pathlib import Path
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsAnalyst
from recordings import resumable, services
from recordings.examples import (
    BEGUN_UPLOAD,
    FOUND_RECORDING,
    NEW_UPLOAD,
    RECORDING_RESPONSE,
    UPLOAD_STATUS,
)
from recordings.models import Recording, ResumableUpload
from recordings.pace import one_answer
from recordings.serializers import (
    IDEMPOTENCY_KEY,
    BegunUploadSerializer,
    FoundRecordingSerializer,
    IdempotencyHeader,
    MockRecordingSerializer,
    NewUploadSerializer,
    RecordingSerializer,
    UploadSerializer,
    UploadStatusSerializer,
    UploadWithSessionSerializer,
)
from sessions_app.actors import actor_behind
from sessions_app.models import Session
from sessions_app.views import SessionAccess
from toastclub.connections import release_connection
from toastclub.parsers import StrictMultiPartParser

IDEMPOTENCY_KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    type={"type": "string", "pattern": IDEMPOTENCY_KEY},
    location=OpenApiParameter.HEADER,
    description="Opcional: la misma clave con otros bytes es 409.",
)
UPLOAD_RESPONSES = {201: RecordingSerializer, 200: RecordingSerializer}


class TellingOutagesInTime(APIView):
    """Its client hears within 10 s of a store out of order, however much is asked of the store."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with one_answer():
            return super().dispatch(request, *args, **kwargs)


class Uploading(TellingOutagesInTime):
    """What both upload calls share."""

    def upload_response(self, request: Request, session: Session) -> Response:
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        claim_upload_key(request, session, file.checksums.sha256)
        recording, is_new = services.store_recording(
            session,
            Path(file.temporary_file_path()),
            file.checksums,
            content_type=file.content_type or "",
            place=lambda pending: pending.put(file),
            by=actor_behind(request.user),
        )
        return recording_response(recording, is_new=is_new)


def recording_response(recording: Recording, *, is_new: bool) -> Response:
    created = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
    return Response(RecordingSerializer(recording).data, status=created)


def claim_upload_key(request: Request, session: Session, sha256: str) -> None:
    """Has the request's `Idempotency-Key`, if it sends one, stand for those bytes."""
    headers = IdempotencyHeader(data={"idempotency_key": request.headers.get("Idempotency-Key")})
    headers.is_valid(raise_exception=True)
    key = headers.validated_data["idempotency_key"]
    if key is not None:
        services.claim_upload_key(session, key, sha256)


class SessionUploadView(Uploading, SessionAccess):
    parser_classes = (StrictMultiPartParser,)
    extra_errors = {"POST": (409,)}

    @extend_schema(
        tags=["recordings"],
        operation_id="upload_recording",
        summary="Sube la grabación de una sesión",
        description="Los mismos bytes, enviados otra vez, son la misma grabación: 200.",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request={"multipart/form-data": UploadSerializer},
        responses=UPLOAD_RESPONSES,
        examples=[RECORDING_RESPONSE],
    )
    def post(self, request: Request, session_id: str) -> Response:
        session = self.find_session(session_id)
        release_connection()  # the body may take minutes to arrive
        return self.upload_response(request, session)


class RecordingUploadView(Uploading):
    permission_classes = (IsAnalyst,)
    parser_classes = (StrictMultiPartParser,)
    extra_errors = {"POST": (404, 409)}

    @extend_schema(
        tags=["recordings"],
        operation_id="upload_recording_with_session_id",
        summary="Sube una grabación (llamada antigua)",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request={"multipart/form-data": UploadWithSessionSerializer},
        responses=UPLOAD_RESPONSES,
        examples=[RECORDING_RESPONSE],
    )
    def post(self, request: Request) -> Response:
        release_connection()  # the body may take minutes to arrive
        form = UploadWithSessionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self.upload_response(request, form.validated_data["session_id"])


class SessionUploadsView(TellingOutagesInTime, SessionAccess):
    extra_errors = {"POST": (409,)}

    @extend_schema(
        tags=["recordings"],
        operation_id="begin_resumable_upload",
        summary="Empieza una subida por partes, directa al almacén",
        description="Si la sesión ya tiene esa grabación: 200. Si ya tiene abierta una subida de "
        "los mismos bytes, la respuesta es esa misma.",
        parameters=[IDEMPOTENCY_KEY_HEADER],
        request=NewUploadSerializer,
        responses={201: BegunUploadSerializer, 200: FoundRecordingSerializer},
        examples=[NEW_UPLOAD, BEGUN_UPLOAD, FOUND_RECORDING],
    )
    def post(self, request: Request, session_id: str) -> Response:
        session = self.find_session(session_id)
        new = NewUploadSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        claim_upload_key(request, session, new.validated_data["sha256"])
        stored = services.find_stored(
            session, new.validated_data["sha256"], by=actor_behind(request.user)
        )
        if stored is not None:
            return Response({"recording": RecordingSerializer(stored).data})
        upload = resumable.begin_upload(session, **new.validated_data)
        body = upload_body(request, upload, upload.part_sizes)
        return Response(body, status=status.HTTP_201_CREATED)


class ResumableUploadAccess(TellingOutagesInTime, SessionAccess):
    """What the calls on one upload share: how it is found."""

    def find_upload(self, session_id: str, upload_id: str) -> ResumableUpload:
        session = self.find_session(session_id)
        uploads = ResumableUpload.objects.filter(session=session)
        return uploads.select_related("session", "recording").by_id(upload_id)


class SessionUploadStatusView(ResumableUploadAccess):
    extra_errors = {"DELETE": (409,)}

    @extend_schema(
        tags=["recordings"],
        operation_id="get_resumable_upload",
        summary="Qué partes llegaron, y direcciones nuevas para las que faltan",
        responses=UploadStatusSerializer,
        examples=[UPLOAD_STATUS],
    )
    def get(self, request: Request, session_id: str, upload_id: str) -> Response:
        upload = self.find_upload(session_id, upload_id)
        missing = {} if upload.recording else upload.missing()
        recording = upload.recording and RecordingSerializer(upload.recording).data
        return Response(
            {
                **upload_body(request, upload, missing),
                "arrived": [number for number in upload.part_sizes if number not in missing],
                "recording": recording,
            }
        )

    @extend_schema(
        tags=["recordings"],
        operation_id="abort_resumable_upload",
        summary="Cancela una subida por partes y borra lo que llegó",
        responses={204: None},
    )
    def delete(self, request: Request, session_id: str, upload_id: str) -> Response:
        resumable.abort_upload(self.find_upload(session_id, upload_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionUploadCompletionView(ResumableUploadAccess):
    extra_errors = {"POST": (409,)}

    @extend_schema(
        tags=["recordings"],
        operation_id="complete_resumable_upload",
        summary="Comprueba lo que llegó y lo convierte en la grabación",
        request=None,
        responses=UPLOAD_RESPONSES,
        examples=[RECORDING_RESPONSE],
    )
    def post(self, request: Request, session_id: str, upload_id: str) -> Response:
        upload = self.find_upload(session_id, upload_id)
        recording, is_new = resumable.complete_upload(upload, by=actor_behind(request.user))
        return recording_response(recording, is_new=is_new)


def upload_body(request: Request, upload: ResumableUpload, parts: dict[int, int]) -> dict[str, Any]:
    """The upload, with an address for each of those parts (number → size)."""
    expires_in = settings.UPLOAD_URL_SECONDS
    return {
        "upload_id": str(upload.pk),
        "part_size": settings.UPLOAD_PART_SIZE,
        "parts": [
            {
                "number": number,
                "size": size,
                "url": request.build_absolute_uri(
                    upload.part_address(number, expires_in=expires_in)
                ),
            }
            for number, size in parts.items()
        ],
        "expires_in": expires_in,
    }


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
    return recording_response(recording, is_new=True)

"""The addresses that local disk signs, in the place of a store's own.

They answer as a store does: a recording is read at one, a part of an upload written at another.
"""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import AccessRecord
from recordings.audio import type_by_name
from recordings.disk import signed_download, signed_part
from recordings.models import Recording
from recordings.ranges import ranged_response
from recordings.storages import CHUNK_BYTES
from recordings.uploads import AudioTooLarge
from toastclub.addresses import client_address
from toastclub.errors import Forbidden, ToastClubError
from toastclub.limits import longest_body


class LengthRequired(ToastClubError):
    status_code = HTTPStatus.LENGTH_REQUIRED
    message = _("Falta la cabecera Content-Length.")


class SignedFileView(APIView):
    """Open to all: the address itself is the credential."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def get(self, request: Request, token: str) -> HttpResponseBase:
        signed = signed_download(token)
        if signed is None:
            raise Forbidden
        if signed.download_id is None:
            return _named_file_response(request._request, signed.key)
        recording = Recording.objects.filter(audio=signed.key).select_related("session").first()
        if recording is None or not default_storage.exists(signed.key):
            raise Http404
        response = _file_response(request._request, recording)
        if request.method == "GET" and response.streaming:
            AccessRecord.objects.note_stream(
                download_id=signed.download_id, address=client_address(request._request)
            )
        return response

    head = get

    def put(self, request: Request, token: str) -> HttpResponse:
        signed = signed_part(token)
        if signed is None:
            raise Forbidden
        storage: Any = default_storage
        storage.store_part(signed, _whole_body(request._request))
        return HttpResponse()


def _file_response(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    return _downloaded(
        request, recording.audio_url, recording.formato, recording.content_disposition
    )


def _named_file_response(request: HttpRequest, key: str) -> HttpResponseBase:
    """A release, or a recording that is played, under the name that its key ends with."""
    if not default_storage.exists(key):
        raise Http404
    name = PurePosixPath(key).name
    return _downloaded(request, key, type_by_name(name), f'attachment; filename="{name}"')


def _downloaded(
    request: HttpRequest, key: str, content_type: str, disposition: str
) -> HttpResponseBase:
    response = ranged_response(
        request,
        default_storage.open(key),
        size=default_storage.size(key),
        content_type=content_type,
    )
    response["Content-Disposition"] = disposition
    response["Cache-Control"] = "private, no-store"
    return response


def _whole_body(request: HttpRequest) -> Iterator[bytes]:
    """The body in pieces; `UnreadablePostError` instead of its end if some of it is missing."""
    missing = _body_length(request)
    while missing and (chunk := request.read(min(missing, CHUNK_BYTES))):
        missing -= len(chunk)
        yield chunk
    if missing:
        raise UnreadablePostError("The body broke off")


def _body_length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or request.headers.get("Transfer-Encoding"):
        raise LengthRequired
    if int(length) > longest_body():
        raise AudioTooLarge
    return int(length)

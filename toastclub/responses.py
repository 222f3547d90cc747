"""The one place where any error becomes an HTTP answer: JSON with a `detail`."""

import logging
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    UnreadablePostError,
)
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from toastclub.clients import ClientGone
from toastclub.errors import (
    BodyTooLarge,
    Conflict,
    Forbidden,
    NotFound,
    ServiceUnavailable,
    ToastClubError,
)

logger = logging.getLogger(__name__)

INVALID_REQUEST = _("La solicitud no es válida.")
BROKEN_BODY = _("El cuerpo de la solicitud llegó incompleto o mal formado.")
NOT_FOUND = _("No encontrado.")
UNEXPECTED = _("Ocurrió un error inesperado en el servidor.")


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every error of the API, whatever raised it, as JSON."""
    set_rollback()
    if isinstance(error, exceptions.APIException):
        return _api_exception_response(error)
    if isinstance(error, ToastClubError):
        return _domain_error_response(error)
    # Django's bare DatabaseError: a row to be saved has been deleted since it was read.
    if isinstance(error, ObjectDoesNotExist) or type(error) is DatabaseError:
        return _response(status.HTTP_404_NOT_FOUND, _what_is_gone(context))
    return _foreign_error_response(error)


def _domain_error_response(error: ToastClubError) -> Response:
    if error.field:
        errors = {error.field: [error.detail]}
        return _response(error.status_code, first_fault(errors), errors=errors)
    return _response(error.status_code, error.detail, retry_after=error.retry_after)


def _what_is_gone(context: dict[str, Any]) -> str:
    """The words for what the address names, which was deleted while the view worked on it."""
    for name, number in context["kwargs"].items():
        kind, _separator, rest = name.partition("_")
        if rest == "id":
            return NotFound.by_id(kind.capitalize(), number).detail
    return str(NOT_FOUND)


def _foreign_error_response(error: Exception) -> Response:
    """Errors of Django and of the database drivers."""
    if isinstance(error, Http404):
        return _response(status.HTTP_404_NOT_FOUND, str(NOT_FOUND))
    if isinstance(error, PermissionDenied):
        return _response(status.HTTP_403_FORBIDDEN, str(Forbidden.message))
    if isinstance(error, RequestDataTooBig):
        return _response(BodyTooLarge.status_code, str(BodyTooLarge.message))
    if isinstance(error, (UnreadablePostError, ClientGone)):
        return _response(status.HTTP_400_BAD_REQUEST, str(BROKEN_BODY))
    if isinstance(error, SuspiciousOperation):
        return _response(status.HTTP_400_BAD_REQUEST, str(INVALID_REQUEST))
    if isinstance(error, IntegrityError):
        logger.error("Two requests collided", exc_info=error)
        return _response(Conflict.status_code, str(Conflict.message))
    if isinstance(error, (OperationalError, InterfaceError)):
        logger.error("The database is unavailable", exc_info=error)
        unavailable = ServiceUnavailable()
        return _response(
            unavailable.status_code, unavailable.detail, retry_after=unavailable.retry_after
        )
    logger.error("Unexpected error", exc_info=error)
    return _response(status.HTTP_500_INTERNAL_SERVER_ERROR, str(UNEXPECTED))


def _api_exception_response(error: exceptions.APIException) -> Response:
    wait = getattr(error, "wait", None)
    if isinstance(error, exceptions.ValidationError):
        errors = (
            error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        )
        return _response(error.status_code, first_fault(errors), errors=errors)
    detail = error.detail.get("detail", "") if isinstance(error.detail, dict) else error.detail
    return _response(error.status_code, str(detail), retry_after=wait)


def _response(
    status_code: int, detail: str, *, errors: Any = None, retry_after: float | None = None
) -> Response:
    body: dict[str, Any] = {"detail": detail}
    if errors is not None:
        body["errors"] = errors
    headers = {}
    if status_code == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after is not None:
        headers["Retry-After"] = str(int(retry_after))
    return Response(body, status=status_code, headers=headers)


def first_fault(errors: Any) -> str:
    """`{"a": {"b": ["wrong"]}}` → `"a.b: wrong"`: the first faulty field and what is wrong."""
    path: list[str] = []
    while isinstance(errors, (dict, list)):
        if isinstance(errors, dict):
            name, errors = next(iter(errors.items()))
            path.append(str(name))
        else:
            errors = next(item for item in errors if item)
    field = ".".join(name for name in path if name != "non_field_errors")
    return f"{field}: {errors}" if field else str(errors)


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def accepts_html(request: HttpRequest) -> bool:
    """Whether it is a browser that shows the answer as a page; scripts ask for anything."""
    return "text/html" in request.headers.get("Accept", "")


def error_page(status_code: int, message: Any) -> Any:
    """A Django error view: JSON under the API, a page for a browser, plain text for others."""

    def view(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if is_api(request):
            return JsonResponse(
                {"detail": str(message)},
                status=status_code,
                json_dumps_params={"ensure_ascii": False},
            )
        if accepts_html(request) and status_code < status.HTTP_500_INTERNAL_SERVER_ERROR:
            page = render_to_string("error.html", {"message": message, "fields": None})
            return HttpResponse(page, status=status_code)
        return HttpResponse(message, status=status_code, content_type="text/plain; charset=utf-8")

    return view


handler400 = error_page(400, INVALID_REQUEST)
handler403 = error_page(403, Forbidden.message)
handler404 = error_page(404, NOT_FOUND)
handler500 = error_page(500, UNEXPECTED)

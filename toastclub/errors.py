"""Errors of the domain: plain exceptions that models and services raise.

`toastclub.responses` turns them into HTTP answers; no view catches one.
"""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy as _

RETRY_AFTER_SECONDS = 5  # what a client is asked to wait when a part of the system is down


class ToastClubError(Exception):
    """An error whose message the client may read."""

    status_code = HTTPStatus.BAD_REQUEST
    message: Any = ""
    field: str = ""  # of the body, where one field is at fault
    retry_after: int | None = None

    def __init__(self, message: Any = None) -> None:
        super().__init__(message or self.message)

    @property
    def detail(self) -> str:
        return str(self.args[0])


class Unauthorized(ToastClubError):
    status_code = HTTPStatus.UNAUTHORIZED
    message = _("Las credenciales no son válidas.")


class Forbidden(ToastClubError):
    status_code = HTTPStatus.FORBIDDEN
    message = _("No tienes permiso para realizar esta acción.")


class NotFound(ToastClubError):
    """An object that is not there, in the contract's exact words (never translated)."""

    status_code = HTTPStatus.NOT_FOUND

    @classmethod
    def by_id(cls, kind: str, number: object) -> "NotFound":
        return cls(f"{kind} with id {number} not found")


class Conflict(ToastClubError):
    status_code = HTTPStatus.CONFLICT
    message = _("Otra solicitud cambió lo mismo a la vez. Vuelve a intentarlo.")


class BodyTooLarge(ToastClubError, RequestDataTooBig):
    """To Django too, which reads the forms of the back office before any view does."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    message = _("El cuerpo de la solicitud es demasiado grande.")


class TooManyAttempts(ToastClubError):
    status_code = HTTPStatus.TOO_MANY_REQUESTS
    message = _("Demasiados intentos fallidos. Espera un momento y vuelve a intentarlo.")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class ServiceUnavailable(ToastClubError):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    message = _("El servicio no está disponible. Vuelve a intentarlo en unos segundos.")
    retry_after = RETRY_AFTER_SECONDS

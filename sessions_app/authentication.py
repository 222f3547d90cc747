"""Headsets: a session's code is the credential for that one session."""

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from sessions_app.actors import Headset
from sessions_app.models import Session
from sessions_app.services import count_code_miss
from toastclub.errors import Unauthorized

CODE_HEADER = "HTTP_X_SESSION_CODE"
CODE_COOKIE = "session_code"
_CODE_FIELDS = ("pk", "created_at", "completed_at", "erased_at")  # what tells a valid code


class InvalidSessionCode(Unauthorized):
    message = _("El código de sesión no es válido o ha caducado.")


class HeadsetAuthentication(BaseAuthentication):
    """The code in `X-Session-Code`, or in the cookie that by-code set.

    The settings list it behind the token, so that it is asked only where there is no
    `Authorization` header.
    """

    def authenticate(self, request: Request) -> tuple[Headset, None] | None:
        code = request.META.get(CODE_HEADER, request.COOKIES.get(CODE_COOKIE))
        if code is None:
            return None
        session = Session.objects.only(*_CODE_FIELDS).by_code(code)
        if session is None or not session.code_is_valid:
            count_code_miss(request._request)
            raise InvalidSessionCode
        return Headset(session_id=session.pk), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

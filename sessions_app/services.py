"""Resolving a code to its session, and counting those that fit none."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.authentication import carries_valid_token
from accounts.throttling import FailureLimit
from sessions_app.details import details_by_code
from sessions_app.models import Session
from toastclub.addresses import client_address
from toastclub.errors import NotFound


def session_by_code(request: Request, typed: str) -> Session:
    """The session of that code; one that has expired is there for staff alone.

    Raises `NotFound`, and counts the miss.
    """
    session = details_by_code(typed)
    if session is None or not (session.code_is_valid or carries_valid_token(request)):
        count_code_miss(request._request)
        raise NotFound("Invalid session_code")
    return session


def count_code_miss(request: HttpRequest) -> None:
    """Counts a wrong code against its client's address, or raises `TooManyAttempts`.

    Right codes never come here: thirty headsets in one classroom share an address.
    """
    limit = FailureLimit(
        f"code {client_address(request)}",
        settings.CODE_MISSES_ALLOWED,
        settings.CODE_MISSES_WINDOW,
    )
    limit.check()
    limit.record_failure()

"""Logging in, by the API and by the admin alike."""

from dataclasses import dataclass

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User, canonical_email
from accounts.throttling import login_limit
from toastclub.addresses import client_address
from toastclub.errors import Unauthorized


class InvalidCredentials(Unauthorized):
    message = _("El correo electrónico o la contraseña no son correctos.")


@dataclass(frozen=True)
class IssuedToken:
    token: str
    expires_in: int  # seconds


def log_in(request: HttpRequest, *, email: str, password: str) -> User:
    """The user whose credentials these are.

    Raises `InvalidCredentials`, the same for a wrong e-mail, a wrong password and a locked
    account, or `TooManyAttempts` once this address has failed too often for this e-mail. The
    limit is looked at again after the password, so that a burst of parallel guesses gains no
    more than those that run at the same moment.
    """
    email = canonical_email(email)
    limit = login_limit(client_address(request), email)
    limit.check()
    user = authenticate(request, username=email, password=password)
    limit.check()
    if not isinstance(user, User):
        limit.record_failure()
        raise InvalidCredentials
    return user


def issue_token(user: User) -> IssuedToken:
    token = AccessToken.for_user(user)
    token["role"] = user.role
    return IssuedToken(token=str(token), expires_in=int(token.lifetime.total_seconds()))

"""Bearer tokens."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token
from rest_framework_simplejwt.utils import aware_utcnow, get_md5_hash_password

from accounts.models import USER_BY_ID, User
from toastclub.errors import Unauthorized
from toastclub.identifiers import parse_id

PASSWORD_CHANGE_REQUIRED = "PASSWORD_CHANGE_REQUIRED"
TOKENS_REMEMBERED = 1000  # a process

FindUser = Callable[[int | None], User | None]


class InvalidBearerToken(Unauthorized):
    message = _("El token no es válido o ha caducado.")


class TokenAuthentication(JWTAuthentication):
    """The user a bearer token was issued to, as the database knows them now.

    An `Authorization` header decides alone: one that holds no valid token is 401, whatever
    else the request carries. A user who must change the password gets no further than the view
    that does it, which says so with `ends_password_duty`. A view that reads something else in the
    query for the user has a `find_token_user` of its own.
    """

    def authenticate(self, request: Request) -> Any:
        header: bytes | None = self.get_header(request)
        if header is None:
            return None
        token = self._token_in(header)
        view = (request.parser_context or {}).get("view")
        user = self.get_user(token, getattr(view, "find_token_user", USER_BY_ID.first))
        if user.must_change_password and not getattr(view, "ends_password_duty", False):
            raise PermissionDenied(PASSWORD_CHANGE_REQUIRED)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def get_user(self, validated_token: Token, find_user: FindUser = USER_BY_ID.first) -> Any:
        user = find_user(parse_id(validated_token.get(api_settings.USER_ID_CLAIM)))
        if user is None or not user.is_active or not _outlives_password(validated_token, user):
            raise InvalidBearerToken
        return user

    def _token_in(self, header: bytes) -> Token:
        parts = header.split()
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise InvalidBearerToken
        try:
            token = _verified(parts[1])
            token.check_exp(current_time=aware_utcnow())
        except TokenError as error:
            raise InvalidBearerToken from error
        return token


@lru_cache(maxsize=TOKENS_REMEMBERED)
def _verified(raw_token: bytes) -> AccessToken:
    """A token of ours, or `TokenError`.

    A signature that was good stays good, and checking it takes as long as asking the database;
    what may change, the time and the user, is looked at on every request.
    """
    token: Any = raw_token  # the library takes the text of a token, whatever its types say
    return AccessToken(token)


def token_id_of(request: Request) -> str:
    """The id of the token that a request was authenticated with."""
    token: Any = request.auth
    return str(token[api_settings.JTI_CLAIM])


def carries_valid_token(request: Request) -> bool:
    """Whether an open call, which needs no credential, was made by somebody with an account."""
    try:
        return TokenAuthentication().authenticate(request) is not None
    except (Unauthorized, PermissionDenied):
        return False


def _outlives_password(token: Token, user: User) -> bool:
    """Whether the token is of the present password, or made the change to it."""
    issued_for: Any = token.get(api_settings.REVOKE_TOKEN_CLAIM)
    return issued_for == get_md5_hash_password(user.password) or user.lets_survive(
        str(token.get(api_settings.JTI_CLAIM))
    )

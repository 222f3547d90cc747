"""One class a capability. A request's `user` is a `User`, a headset, or nobody (None)."""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from toastclub.errors import Forbidden


def user_of(request: Request) -> User:
    """The user behind a request that one of these permissions let in."""
    return cast(User, request.user)


class RolePermission(BasePermission):
    """A permission that refuses in the words of all other refusals."""

    message = Forbidden.message


class IsStaff(RolePermission):
    """Facilitators and analysts: whoever has an account."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User)


class IsAnalyst(RolePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.is_analyst

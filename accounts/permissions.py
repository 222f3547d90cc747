"""One class a capability. A request's `user` is a `User`, a headset, or nobody (None)."""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User


def user_of(request: Request) -> User:
    """The user behind a request that one of these permissions let in."""
    return cast(User, request.user)


class IsStaff(BasePermission):
    """Facilitators and analysts: whoever has an account."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User)


class IsAnalyst(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.is_analyst

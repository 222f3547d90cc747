from typing import Any

from rest_framework.request import Request

from accounts.models import User
from accounts.permissions import RolePermission, user_of
from sessions_app.actors import Headset
from sessions_app.models import Session


class IsStaffOrHeadset(RolePermission):
    """Whoever has an account, and headsets, whose querysets hold their own session alone."""

    admits_headsets = True

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, (User, Headset))


class MayEditSession(RolePermission):
    """Analysts, and whoever created the session."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User)

    def has_object_permission(self, request: Request, view: Any, obj: Session) -> bool:
        user = user_of(request)
        return user.is_analyst or obj.user_id == user.pk

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Model

from accounts.models import User
from accounts.rights import ERASE, is_granted


class RoleBackend(ModelBackend):
    """Rights come from the role, read with the user on every request, and not from groups.

    To erase a person's data an account needs a permission of its own on top.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        if not (isinstance(user_obj, User) and user_obj.is_active):
            return False
        if perm == ERASE:
            return user_obj.is_analyst and user_obj.may_erase_people
        return is_granted(user_obj.role, perm)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return isinstance(user_obj, User) and user_obj.is_active

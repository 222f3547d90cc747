from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Model

from accounts.models import User


class AnalystViewsEverything(BaseBackend):
    """Analysts may view every model in the admin by their role, with no group to be put in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        codename = perm.partition(".")[2]
        return self.has_module_perms(user_obj, "") and codename.startswith("view_")

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return isinstance(user_obj, User) and user_obj.is_active and user_obj.is_analyst

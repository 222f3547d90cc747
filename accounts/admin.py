from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.models import User
from toastclub.admin import ReadOnlyAdmin

admin.site.unregister(Group)  # rights come from roles


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "role", "is_active", "created_at")
    list_filter = ("role", "is_active", "must_change_password")
    search_fields = ("email", "name")
    date_hierarchy = "created_at"
    fields = (
        "email",
        "name",
        "role",
        "is_active",
        "must_change_password",
        "created_at",
        "updated_at",
        "last_login",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return User.objects.visible_to(request.user)

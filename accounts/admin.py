from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import AccessRecord, User
from toastclub.admin import ReadOnlyAdmin
from toastclub.identifiers import parse_id

DETAILS = {
    "filters": "filtros",
    "sessions": "sesiones",
    "recordings": "grabaciones",
    "expires_in": "vigencia (s)",
    "page": "página",
}

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


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnlyAdmin):
    list_display = (
        "moment",
        "kind",
        "who",
        "session_number",
        "recording_number",
        "release_number",
        "address",
        "detalles",
    )
    list_filter = ("kind", "at")
    search_fields = ("who", "address", "=session_number", "=recording_number")
    search_help_text = "Quién, desde dónde, o el número de una sesión o de una grabación."
    date_hierarchy = "at"
    empty_value_display = "—"
    fields = (
        "moment",
        "kind",
        "who",
        "user_number",
        "address",
        "session_number",
        "recording_number",
        "release_number",
        "detalles",
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """A number alone is that of a session or of a recording, and no part of an address."""
        number = parse_id(search_term)
        if number is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(Q(session_number=number) | Q(recording_number=number)), False

    @admin.display(description="cuándo", ordering="at")
    def moment(self, record: AccessRecord) -> str:
        """To the second, which other records of the same access are compared with."""
        return date_format(timezone.localtime(record.at), "d/m/Y H:i:s")

    @admin.display(description="detalles")
    def detalles(self, record: AccessRecord) -> str | None:
        return "; ".join(_in_words(name, value) for name, value in record.details.items()) or None


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{key}={each}" for key, each in value.items()) or "ninguno"
    return f"{DETAILS.get(name, name)}: {value}"

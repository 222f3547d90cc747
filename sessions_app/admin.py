from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from sessions_app.models import Participant, Session, SessionEvent
from toastclub.admin import ReadOnlyAdmin
from training.admin import vr_pages


class ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ParticipantInline(ReadOnlyInline):
    model = Participant


class EventInline(ReadOnlyInline):
    model = SessionEvent
    fields = ("at", "from_estado", "to_estado", "actor_kind", "user_email")


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "session_code", "participant", "text_title", "estado", "created_at")
    list_filter = ("estado", "created_at")
    search_fields = (
        "session_code",
        "text_title",
        "participant__nombre",
        "participant__email_opcional",
    )
    date_hierarchy = "created_at"
    inlines = (ParticipantInline, EventInline)
    fields = (
        "session_code",
        "estado",
        "title",
        "description",
        "user",
        "text_title",
        "etiquetas",
        "created_at",
        "started_at",
        "completed_at",
        "paginas",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("participant", "user")

    @admin.display(description="etiquetas del texto")
    def etiquetas(self, session: Session) -> SafeString:
        return format_html_join("", "{}: {}<br>", session.text_tags.items())

    @admin.display(description="páginas leídas")
    def paginas(self, session: Session) -> SafeString:
        return vr_pages(session.text_pages)


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    list_display = ("nombre", "edad_aproximada", "email_opcional", "session")
    list_select_related = ("session",)
    search_fields = ("nombre", "email_opcional")
    list_filter = ("session__created_at",)
    fields = ("session", "nombre", "edad_aproximada", "email_opcional")


@admin.register(SessionEvent)
class SessionEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "session", "from_estado", "to_estado", "actor_kind", "user_email")
    list_select_related = ("session",)
    list_filter = ("to_estado", "actor_kind", "at")
    search_fields = ("session__session_code", "user_email")
    fields = ("session", "from_estado", "to_estado", "at", "actor_kind", "user_email")

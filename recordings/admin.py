from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from recordings.choices import Aviso
from recordings.models import Recording, ResumableUpload
from toastclub.admin import ReadOnlyAdmin


class AvisoFilter(admin.SimpleListFilter):
    """Recordings with any warning, with none, or with one of them."""

    title = "avisos"
    parameter_name = "avisos"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("con", "con avisos"), ("sin", "sin avisos"), *((code, code) for code in Aviso)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Recording]) -> QuerySet[Recording]:
        if self.value() == "sin":
            return queryset.filter(avisos=[])
        if self.value() == "con":
            return queryset.exclude(avisos=[])
        if self.value() in Aviso:
            return queryset.filter(avisos__icontains=f'"{self.value()}"')
        return queryset


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "session_code",
        "formato",
        "duracion_segundos",
        "avisos_dados",
        "storage_fault",
        "uploaded_at",
    )
    list_select_related = ("session",)
    list_filter = (AvisoFilter, "storage_fault", "is_processed", "formato", "uploaded_at")
    search_fields = ("session__session_code", "audio", "sha256")
    date_hierarchy = "uploaded_at"
    fieldsets = (
        (None, {"fields": ("session", "created_at", "uploaded_at", "metadata_carga")}),
        (
            "Audio",
            {
                "fields": (
                    "avisos_explicados",
                    "formato",
                    ("contenedor", "codec"),
                    ("duracion_segundos", "frecuencia_hz", "canales"),
                    ("pico_dbfs", "rms_dbfs"),
                    ("proporcion_saturada", "proporcion_silencio"),
                    "is_processed",
                )
            },
        ),
        (
            "Almacén",
            {"fields": ("clave", "storage_fault", "file_size", "sha256", "crc32")},
        ),
    )

    @admin.display(description="sesión", ordering="session__session_code")
    def session_code(self, recording: Recording) -> str:
        return recording.session.session_code

    @admin.display(description="avisos", empty_value="—")
    def avisos_dados(self, recording: Recording) -> str | None:
        return ", ".join(recording.avisos) or None

    @admin.display(description="avisos")
    def avisos_explicados(self, recording: Recording) -> str:
        explained = zip(recording.avisos, recording.avisos_mensajes, strict=True)
        return format_html_join("", "<p><b>{}</b>: {}</p>", explained) or "—"

    @admin.display(description="clave en el almacén")
    def clave(self, recording: Recording) -> str:
        return recording.audio_url


@admin.register(ResumableUpload)
class ResumableUploadAdmin(ReadOnlyAdmin):
    list_display = ("id", "session_code", "size", "created_at", "recording")
    list_select_related = ("session", "recording")
    list_filter = (("recording", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("session__session_code", "sha256")
    fields = ("session", "size", "content_type", "sha256", "created_at", "recording")

    @admin.display(description="sesión", ordering="session__session_code")
    def session_code(self, upload: ResumableUpload) -> str:
        return upload.session.session_code

from django.contrib import admin

from recordings.models import Recording, RecordingDownload
from toastclub.admin import ReadOnlyAdmin


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "session_code",
        "formato",
        "duracion_segundos",
        "file_size",
        "uploaded_at",
    )
    list_select_related = ("session",)
    list_filter = ("formato", "is_processed", "uploaded_at")
    search_fields = ("session__session_code", "audio", "sha256")
    date_hierarchy = "uploaded_at"
    fields = (
        "session",
        "clave",
        "formato",
        "duracion_segundos",
        "file_size",
        "sha256",
        "metadata_carga",
        "is_processed",
        "created_at",
        "uploaded_at",
    )

    @admin.display(description="sesión", ordering="session__session_code")
    def session_code(self, recording: Recording) -> str:
        return recording.session.session_code

    @admin.display(description="clave en el almacén")
    def clave(self, recording: Recording) -> str:
        return recording.audio_url


@admin.register(RecordingDownload)
class RecordingDownloadAdmin(ReadOnlyAdmin):
    list_display = ("at", "recording_number", "user_email", "expires_in")
    list_filter = ("at",)
    search_fields = ("=recording_number", "user_email")
    fields = ("recording_number", "user_email", "expires_in", "at")

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter

from accounts.back_office import PersonalDataAdmin
from recordings import panels
from recordings.admin_filters import (
    AvisoFilter,
    FormatFilter,
    SessionStateFilter,
    SurveyFilter,
    TagFilter,
    TextFilter,
)
from recordings.models import Recording, RecordingReview, ResumableUpload
from recordings.naming import address_of, participant_of
from recordings.review_actions import ReviewActions
from recordings.search import found_by, reviews_found_by
from toastclub.admin_filters import DaysFilter, NumbersFilter

# What a reviewer most often wants of the list, and the query that gives it.
SHORTCUTS = [
    ("Todas", ""),
    ("Sin revisar", "review_state__exact=sin_revisar"),
    ("Sin revisar, con avisos", "avisos=con&review_state__exact=sin_revisar"),
    ("Con problemas", "review_state__exact=con_problemas"),
    ("Rechazadas", "review_state__exact=rechazada"),
    ("Aceptadas", "review_state__exact=aceptada"),
]

panels.show_with_sessions()


@admin.register(Recording)
class RecordingAdmin(ReviewActions):
    list_display = ("participante", "texto", "sonido", "avisos_dados", "revision", "subida")
    list_select_related = ("session__participant",)
    list_before_template = "admin/recordings/recording/shortcuts.html"
    sortable_by = ("participante", "sonido", "subida")  # by text and review it is filtered
    ordering = ("-uploaded_at", "-pk")
    search_fields = ("session__participant__nombre",)  # and what `get_search_results` adds
    search_help_text = "Participante, correo, código de la sesión, número o SHA-256."
    list_filter = (
        ("review_state", ChoicesDropdownFilter),
        ("review_reason", ChoicesDropdownFilter),
        AvisoFilter,
        ("storage_fault", ChoicesDropdownFilter),
        ("is_processed", BooleanRadioFilter),
        TextFilter,
        TagFilter,
        ("session__estado", SessionStateFilter),
        SurveyFilter,
        FormatFilter,
        ("uploaded_at", DaysFilter),
        ("duracion_segundos", NumbersFilter),
        ("rms_dbfs", NumbersFilter),
        ("proporcion_silencio", NumbersFilter),
        ("proporcion_saturada", NumbersFilter),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        return super().changelist_view(request, {"shortcuts": SHORTCUTS, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recording]:
        unshown = ("metadata_carga", "session__text_pages", "session__text_tags")
        return super().get_queryset(request).defer("peaks", *unshown)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Recording], search_term: str
    ) -> tuple[QuerySet[Recording], bool]:
        return found_by(queryset, search_term), False

    @admin.display(description="participante", ordering="session__participant__nombre")
    def participante(self, recording: Recording) -> SafeString:
        return format_html(
            '{}<span class="tc-under">{} · n.º {}</span>',
            participant_of(recording),
            recording.session.session_code,
            recording.pk,
        )

    @admin.display(description="texto")
    def texto(self, recording: Recording) -> str:
        return recording.session.text_title

    @admin.display(description="audio", ordering="duracion_segundos")
    def sonido(self, recording: Recording) -> SafeString:
        return render_to_string("admin/recordings/player.html", {"recording": recording})

    @admin.display(description="avisos")
    def avisos_dados(self, recording: Recording) -> SafeString:
        return render_to_string("admin/recordings/warnings.html", {"recording": recording})

    @admin.display(description="revisión")
    def revision(self, recording: Recording) -> SafeString:
        return render_to_string("admin/recordings/state.html", {"recording": recording})

    @admin.display(description="subida", ordering="uploaded_at")
    def subida(self, recording: Recording) -> SafeString:
        moment = date_format(timezone.localtime(recording.uploaded_at), "d/m/Y H:i")
        return format_html('<span class="tc-moment">{}</span>', moment)


@admin.register(RecordingReview)
class RecordingReviewAdmin(PersonalDataAdmin):
    list_display = ("at", "grabacion", "decision", "reason", "note", "user_email")
    list_select_related = ("recording__session__participant",)
    list_filter = (
        ("to_state", ChoicesDropdownFilter),
        ("reason", ChoicesDropdownFilter),
        ("at", DaysFilter),
    )
    ordering = ("-id",)
    search_fields = ("note",)  # and what `get_search_results` adds
    search_help_text = "Código de la sesión, quién revisó o la nota."
    fields = ("at", "grabacion", "decision", "reason", "note", "user_email")

    def session_number_of(self, row: RecordingReview) -> int:
        return row.recording.session_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecordingReview]:
        unshown = ("peaks", "metadata_carga", "session__text_pages", "session__text_tags")
        return super().get_queryset(request).defer(*(f"recording__{name}" for name in unshown))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RecordingReview], search_term: str
    ) -> tuple[QuerySet[RecordingReview], bool]:
        return reviews_found_by(queryset, search_term), False

    @admin.display(description="grabación")
    def grabacion(self, review: RecordingReview) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', address_of("change", review.recording_id), review.recording
        )

    @admin.display(description="decisión")
    def decision(self, review: RecordingReview) -> str:
        return str(review)


@admin.register(ResumableUpload)
class ResumableUploadAdmin(PersonalDataAdmin):
    list_display = ("id", "session_code", "size", "created_at", "recording")
    list_select_related = ("session", "recording")
    list_filter = (("recording", admin.EmptyFieldListFilter), ("created_at", DaysFilter))
    search_fields = ("session__session_code", "sha256")
    fields = ("session", "size", "content_type", "sha256", "created_at", "recording")

    def session_number_of(self, row: ResumableUpload) -> int:
        return row.session_id

    @admin.display(description="sesión", ordering="session__session_code")
    def session_code(self, upload: ResumableUpload) -> str:
        return upload.session.session_code

from django.contrib import admin
from django.utils.safestring import SafeString

from surveys.models import Survey
from toastclub.admin import ReadOnlyAdmin, pretty_json


@admin.register(Survey)
class SurveyAdmin(ReadOnlyAdmin):
    list_display = ("id", "session_code", "completada", "created_at", "completed_at")
    list_select_related = ("session",)
    list_filter = (("completed_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("session__session_code", "respuestas_json")
    date_hierarchy = "created_at"
    fields = ("session", "preguntas", "respuestas", "created_at", "completed_at", "user")

    @admin.display(description="sesión", ordering="session__session_code")
    def session_code(self, survey: Survey) -> str:
        return survey.session.session_code

    @admin.display(description="completada", boolean=True)
    def completada(self, survey: Survey) -> bool:
        return survey.is_completed

    @admin.display(description="preguntas")
    def preguntas(self, survey: Survey) -> SafeString:
        return pretty_json(survey.questions)

    @admin.display(description="respuestas")
    def respuestas(self, survey: Survey) -> SafeString:
        return pretty_json(survey.respuestas_json)

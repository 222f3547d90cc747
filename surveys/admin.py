from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
)

from accounts.back_office import PersonalDataAdmin
from surveys.admin_pages import answer_page
from surveys.models import Survey
from surveys.questions import questions_to_ask
from surveys.reading import answers_of
from surveys.searching import found_by
from toastclub.admin import badge
from toastclub.admin_filters import DaysFilter
from training.models import Text


class CompletedFilter(DropdownFilter):
    title = "respuestas"
    parameter_name = "completada"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("si", "Completada"), ("no", "Pendiente")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("si", "no"):
            return queryset.filter(completed_at__isnull=self.value() == "no")
        return queryset


class TextFilter(DropdownFilter):
    title = "texto"
    parameter_name = "texto"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Text.objects.order_by("title").values_list("pk", "title"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(session__text=self.value()) if self.value() else queryset


@admin.register(Survey)
class SurveyAdmin(PersonalDataAdmin):
    list_display = ("codigo", "participante", "texto", "respuestas", "created_at", "completed_at")
    list_display_links = ("codigo", "participante")
    list_filter = (
        CompletedFilter,
        ("created_at", DaysFilter),
        TextFilter,
        ("session__estado", ChoicesDropdownFilter),
    )
    search_fields = ("respuestas_json",)  # has the box shown; `found_by` looks in more
    search_help_text = "Código, participante o respuestas recientes"
    ordering = ("-created_at", "-pk")
    fields = ("session", "created_at", "completed_at", "user")

    class Media:
        css = {"all": ("surveys/surveys.css",)}

    def session_number_of(self, row: Any) -> int | None:
        survey: Survey = row
        return survey.session_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        surveys: QuerySet[Survey] = super().get_queryset(request)
        found = surveys.select_related("session__participant", "user")
        return found.defer("session__text_pages", "session__text_tags")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Survey], search_term: str
    ) -> tuple[QuerySet[Survey], bool]:
        return found_by(search_term, queryset), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        survey: Survey = kwargs["obj"]
        context |= {
            "survey": survey,
            "answers": answers_of(survey) if survey.is_completed else [],
            "questions": questions_to_ask(survey.questions) if survey.questions else [],
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="código", ordering="session__session_code")
    def codigo(self, survey: Survey) -> SafeString:
        return format_html('<span class="survey-code">{}</span>', survey.session.session_code)

    @admin.display(description="participante")
    def participante(self, survey: Survey) -> str:
        return survey.session.datos_participante["nombre"] or "—"

    @admin.display(description="texto")
    def texto(self, survey: Survey) -> str:
        return survey.session.text_title

    @admin.display(description="respuestas", ordering="completed_at")
    def respuestas(self, survey: Survey) -> SafeString:
        return badge("Completada", "good") if survey.is_completed else badge("Pendiente", "warn")


site: Any = admin.site
site.add_page(
    "surveys/survey/answer/<str:session_id>/",
    answer_page,
    name="surveys_survey_answer",
    permission="surveys.answer_survey",
)

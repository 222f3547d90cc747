"""What the list of recordings can be narrowed by, besides their own fields."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from recordings.audio import KNOWN_TYPES
from recordings.choices import AVISO_NAMES, Aviso
from recordings.models import Recording
from sessions_app.models import Session
from training.models import Text, TextTag

Recordings = QuerySet[Recording]


class AvisoFilter(DropdownFilter):
    """Recordings with any warning, with none, or with one of them."""

    title = "avisos"
    parameter_name = "avisos"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("con", "Con avisos"), ("sin", "Sin avisos"), *AVISO_NAMES.items()]

    def queryset(self, request: HttpRequest, queryset: Recordings) -> Recordings:
        if self.value() == "sin":
            return queryset.filter(avisos=[])
        if self.value() == "con":
            return queryset.exclude(avisos=[])
        if self.value() in Aviso:
            return queryset.filter(avisos__icontains=f'"{self.value()}"')
        return queryset


class SessionStateFilter(ChoicesDropdownFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "estado de la sesión"


class FormatFilter(DropdownFilter):
    """Formats that are known: a client may have written anything."""

    title = "formato"
    parameter_name = "formato"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(known, known) for known in KNOWN_TYPES]

    def queryset(self, request: HttpRequest, queryset: Recordings) -> Recordings:
        return queryset.filter(formato=self.value()) if self.value() else queryset


class SurveyFilter(DropdownFilter):
    title = "encuesta"
    parameter_name = "encuesta"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("con", "Con encuesta completada"), ("sin", "Sin encuesta completada")]

    def queryset(self, request: HttpRequest, queryset: Recordings) -> Recordings:
        answered = Session.objects.filter(surveys__completed_at__isnull=False)
        is_answered = Exists(answered.filter(pk=OuterRef("session_id")))
        if self.value() == "con":
            return queryset.filter(is_answered)
        return queryset.filter(~is_answered) if self.value() == "sin" else queryset


class LateFilter(DropdownFilter):
    """A filter whose choices are read where they are shown, and not where it only narrows."""

    lookup_choices: list[tuple[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[()]:
        return ()

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        if not self.lookup_choices:
            self.lookup_choices = list(self.read_choices())
        return super().choices(changelist)

    def read_choices(self) -> Iterable[tuple[str, str]]:
        raise NotImplementedError


class TextFilter(LateFilter):
    title = "texto"
    parameter_name = "texto"

    def read_choices(self) -> Iterable[tuple[str, str]]:
        return Text.objects.order_by("title").values_list("pk", "title")

    def queryset(self, request: HttpRequest, queryset: Recordings) -> Recordings:
        return queryset.filter(session__text=self.value()) if self.value() else queryset


class TagFilter(LateFilter):
    """Recordings of texts that have a tag of that value."""

    title = "etiqueta del texto"
    parameter_name = "etiqueta"

    def read_choices(self) -> Iterable[tuple[str, str]]:
        tags = TextTag.objects.order_by("key", "folded_value").values_list("key", "folded_value")
        return ((f"{key}:{value}", f"{key}: {value}") for key, value in tags.distinct())

    def queryset(self, request: HttpRequest, queryset: Recordings) -> Recordings:
        if not self.value():
            return queryset
        tags = TextTag.objects.annotate(tag=Concat("key", Value(":"), "folded_value"))
        tagged = tags.filter(text=OuterRef("session__text"), tag=self.value())
        return queryset.filter(Exists(tagged))

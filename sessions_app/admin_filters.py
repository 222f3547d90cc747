"""Filters of the list of sessions."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, MultipleDropdownFilter

from accounts.models import User
from sessions_app.models import Session
from toastclub.admin_filters import FormFilter
from toastclub.identifiers import parse_id
from training.models import Text
from training.tags import tag_index

Choices = list[tuple[str, str]]


class TextFilter(DropdownFilter):
    title = "texto"
    parameter_name = "texto"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(Text.objects.order_by("title").values_list("pk", "title"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        return queryset.filter(text=self.value()) if self.value() else queryset


class TagFilter(MultipleDropdownFilter):
    """Sessions about texts that have all those tags now."""

    title = "etiquetas del texto"
    parameter_name = "etiqueta"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        index = tag_index(text.tags for text in Text.objects.only("tags"))
        self.tags = {
            f"{key}: {value}": (key, value) for key, values in index.items() for value in values
        }
        return [(shown, shown) for shown in self.tags]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        asked = [shown for shown in self.value() or [] if shown]
        if not asked:
            return queryset
        if not set(asked) <= self.tags.keys():
            return queryset.none()
        wanted = [self.tags[shown] for shown in asked]
        return queryset.filter(text__in=Text.objects.with_tags(wanted))


class CreatorFilter(DropdownFilter):
    title = "creada por"
    parameter_name = "creada_por"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        user: Any = request.user
        accounts = User.objects.visible_to(user).order_by("email").values_list("pk", "email")
        return [(str(number), email) for number, email in accounts]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        if not self.value():
            return queryset
        number = parse_id(self.value())
        return queryset.filter(user=number) if number is not None else queryset.none()


class _HasFilter(DropdownFilter):
    """Whether a session has rows of another app, which this one knows by their relation alone."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("si", "sí"), ("no", "no")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        if not self.value():
            return queryset
        has_rows = Exists(self.rows().filter(session=OuterRef("pk")))
        wanted = {"si": has_rows, "no": ~has_rows}.get(self.value())
        return queryset.filter(wanted) if wanted else queryset.none()

    def rows(self) -> Any:
        raise NotImplementedError


class HasRecordingFilter(_HasFilter):
    title = "con grabación"
    parameter_name = "grabacion"

    def rows(self) -> Any:
        return _related("recordings").objects


class HasSurveyFilter(_HasFilter):
    title = "con encuesta completada"
    parameter_name = "encuesta"

    def rows(self) -> Any:
        return _related("surveys").objects.completed()


class TitleFilter(FormFilter):
    inputs = {"contiene": forms.CharField(label="contiene", required=False)}

    def narrowed(self, rows: QuerySet[Any], wanted: dict[str, Any]) -> QuerySet[Any]:
        part = wanted["contiene"]
        return rows.filter(**{f"{self.field_path}__icontains": part}) if part else rows


def _related(relation: str) -> Any:
    """The model behind a relation of sessions."""
    return Session._meta.get_field(relation).related_model

"""The filter of the list of texts by the values of their tags."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from training.models import Text
from training.tags import tag_index

PREFIX = "tag."


class TagFilter(admin.ListFilter):
    """A choice for each key that texts have; all that are made must hold."""

    title = "etiquetas"
    template = "admin/filters/form.html"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        index = tag_index(text.tags for text in Text.objects.only("tags"))
        self.values = {f"{PREFIX}{key}": values for key, values in index.items()}
        for name in self.values.keys() & params.keys():
            self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        return bool(self.values)

    def expected_parameters(self) -> list[str | None]:
        return list(self.values)

    def choices(self, changelist: Any) -> Iterator[Any]:
        form = forms.Form(self.used_parameters)
        for name, values in self.values.items():
            form.fields[name] = forms.ChoiceField(
                label=name.removeprefix(PREFIX),
                choices=[("", "Todas"), *((value, value) for value in values)],
                required=False,
            )
        yield {"form": form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked: dict[str, Any] = self.used_parameters
        wanted = [(name.removeprefix(PREFIX), value) for name, value in asked.items() if value]
        texts: Any = queryset
        found: QuerySet[Any] = texts.with_tags(wanted)
        return found

"""Filters of the back office's lists that have a form of their own."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from toastclub.filters import MomentField, from_moment, until_moment


class FormFilter(admin.FieldListFilter):
    """A field's filter by several values; one that can't be read is named, and leaves nothing."""

    template = "admin/filters/form.html"
    inputs: dict[str, forms.Field] = {}  # by the end of the parameter's name

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: dict[str, Any] = self.used_parameters
        asked = {name: values[-1] for name, values in given.items()}
        self.form = forms.Form(asked)
        for end, field in self.inputs.items():
            self.form.fields[f"{self.field_path}_{end}"] = field

    def expected_parameters(self) -> list[str | None]:
        return [f"{self.field_path}_{end}" for end in self.inputs]

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.form.is_valid():
            wanted = {
                end: self.form.cleaned_data[f"{self.field_path}_{end}"] for end in self.inputs
            }
            return self.narrowed(queryset, wanted)
        for name, faults in self.form.errors.items():
            messages.error(request, f"{self.title}, {self.form.fields[name].label}: {faults[0]}")
        return queryset.none()

    def narrowed(self, rows: QuerySet[Any], wanted: dict[str, Any]) -> QuerySet[Any]:
        raise NotImplementedError


class DaysFilter(FormFilter):
    """From one day to another, both included, in the project's zone."""

    inputs = {
        "desde": MomentField(
            label="desde", required=False, widget=forms.DateInput({"type": "date"})
        ),
        "hasta": MomentField(
            label="hasta", required=False, widget=forms.DateInput({"type": "date"})
        ),
    }

    def narrowed(self, rows: QuerySet[Any], wanted: dict[str, Any]) -> QuerySet[Any]:
        rows = from_moment(rows, self.field_path, wanted["desde"])
        narrowed: QuerySet[Any] = until_moment(rows, self.field_path, wanted["hasta"])
        return narrowed


class NumbersFilter(FormFilter):
    """From one number to another, both included."""

    inputs = {
        "min": forms.FloatField(
            label="mínimo", required=False, widget=forms.NumberInput({"step": "any"})
        ),
        "max": forms.FloatField(
            label="máximo", required=False, widget=forms.NumberInput({"step": "any"})
        ),
    }

    def narrowed(self, rows: QuerySet[Any], wanted: dict[str, Any]) -> QuerySet[Any]:
        limits = {"gte": wanted["min"], "lte": wanted["max"]}
        given = {f"{self.field_path}__{end}": n for end, n in limits.items() if n is not None}
        return rows.filter(**given)

"""Filters of lists: a value that cannot be read is 400, never silently ignored."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from toastclub.identifiers import parse_id

MOMENT_SCHEMA = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}


class StrictBooleanField(forms.Field):
    default_error_messages = {"invalid": _("Debe ser true o false.")}

    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        try:
            return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        except KeyError as error:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid") from error


@extend_schema_field(OpenApiTypes.BOOL)
class StrictBooleanFilter(django_filters.Filter):
    field_class = StrictBooleanField


class IdField(forms.Field):
    default_error_messages = {"invalid": _("Debe ser un número entero.")}

    def to_python(self, value: Any) -> int | None:
        if value in (None, ""):
            return None
        number = parse_id(value)
        if number is None:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")
        return number


@extend_schema_field(OpenApiTypes.INT)
class IdFilter(django_filters.Filter):
    field_class = IdField


class MomentField(forms.Field):
    """A date or a time, in the project's zone where it names none."""

    default_error_messages = {"invalid": _("Debe ser una fecha o una hora ISO 8601.")}

    def to_python(self, value: Any) -> date | datetime | None:
        if value in (None, ""):
            return None
        try:
            moment = parse_date(value) or parse_datetime(value)
            _refuse_edge_of_calendar(moment)
        except (ValueError, OverflowError):
            moment = None
        if moment is None:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")
        return moment


def first_instant(moment: date | datetime) -> datetime:
    """The moment itself, or midnight at which the day begins."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _refuse_edge_of_calendar(moment: date | datetime | None) -> None:
    """OverflowError where the day before or after can't be computed, in UTC or at all."""
    if moment is not None:
        for shift in (timedelta(days=-1), timedelta(days=1)):
            first_instant(moment + shift).astimezone(UTC)


def from_moment(rows: Any, field_name: str, moment: date | datetime | None) -> Any:
    """The rows of a queryset from that moment or day on; all of them if it is None."""
    return rows.filter(**{f"{field_name}__gte": first_instant(moment)}) if moment else rows


def until_moment(rows: Any, field_name: str, moment: date | datetime | None) -> Any:
    """Those up to that moment, or to the end of that day."""
    if not moment:
        return rows
    if isinstance(moment, datetime):
        return rows.filter(**{f"{field_name}__lte": first_instant(moment)})
    return rows.filter(**{f"{field_name}__lt": first_instant(moment + timedelta(days=1))})


@extend_schema_field(MOMENT_SCHEMA)
class SinceFilter(django_filters.Filter):
    """From that moment or day on."""

    field_class = MomentField

    def filter(self, qs: Any, value: Any) -> Any:
        return from_moment(qs, self.field_name, value)


@extend_schema_field(MOMENT_SCHEMA)
class UntilFilter(django_filters.Filter):
    """Up to that moment, or to the end of that day."""

    field_class = MomentField

    def filter(self, qs: Any, value: Any) -> Any:
        return until_moment(qs, self.field_name, value)

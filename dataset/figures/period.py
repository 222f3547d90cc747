"""The days that the figures are of, and how finely they are shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import DateField, QuerySet
from django.db.models.functions import Trunc
from django.utils import timezone
from django.utils.formats import date_format

from toastclub.filters import from_moment, until_moment

DEFAULT_DAYS = 30
BY_DAY, BY_WEEK = 100, 730  # days: longer periods are shown by week, then by month
ISO = "%Y-%m-%d"
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


class Unit(Enum):
    DAY = "day", "día", "j b"
    WEEK = "week", "semana", r"\s\e\m\a\n\a \d\e\l j b Y"
    MONTH = "month", "mes", "b Y"

    def __init__(self, code: str, word: str, form: str) -> None:
        self.code, self.word, self.form = code, word, form

    def begin(self, day: date) -> date:
        if self is Unit.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Unit.MONTH else day

    def following(self, begin: date) -> date:
        if self is Unit.MONTH:
            return (begin + timedelta(days=31)).replace(day=1)
        return begin + timedelta(days=7 if self is Unit.WEEK else 1)


@dataclass(frozen=True)
class Period:
    """From one day to another, both included, in the project's zone."""

    first: date
    last: date

    @property
    def unit(self) -> Unit:
        days = (self.last - self.first).days + 1
        if days <= BY_DAY:
            return Unit.DAY
        return Unit.WEEK if days <= BY_WEEK else Unit.MONTH

    @property
    def steps(self) -> Iterator[date]:
        """The first day of each unit, those included in which nothing happened."""
        step = self.unit.begin(self.first)
        while step <= self.last:
            yield step
            step = self.unit.following(step)

    def named(self, step: date) -> str:
        return date_format(step, self.unit.form)

    def rows(self, rows: QuerySet[Any], field: str) -> QuerySet[Any]:
        """Those of these days, in no order."""
        of_days: QuerySet[Any] = until_moment(
            from_moment(rows, field, self.first), field, self.last
        )
        return of_days.order_by()

    def step_of(self, field: str) -> Trunc:
        """The first day of the unit that a moment belongs to."""
        return Trunc(field, self.unit.code, output_field=DateField())


class DayField(forms.DateField):
    """A day as the browser's own input sends it."""

    default_error_messages = {"invalid": "No es un día que exista: se escribe como 2026-03-31."}
    default_validators = [
        MinValueValidator(FIRST, "El primer día que se puede pedir es el 1 de enero de 2000."),
        MaxValueValidator(LAST, "El último día que se puede pedir es el 31 de diciembre de 2100."),
    ]

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput({"type": "date", "class": "tc-input"}, format=ISO)
        super().__init__(input_formats=[ISO], widget=widget, required=False, **kwargs)


class PeriodForm(forms.Form):
    """What is left empty is no limit."""

    desde = DayField(label="Desde")
    hasta = DayField(label="Hasta")

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("desde"), self.cleaned_data.get("hasta")
        if first and last and last < first:
            self.add_error("hasta", "Este día es anterior al de «Desde».")
        return self.cleaned_data

    def period(self, *, earliest: date | None) -> Period:
        """The days asked for; without limits, those from the earliest to today."""
        today = timezone.localdate()
        last = self.cleaned_data["hasta"] or max(today, self.cleaned_data["desde"] or today)
        first = self.cleaned_data["desde"] or min(earliest or last, last)
        return Period(first, last)


def last_days(days: int) -> dict[str, str]:
    """The query of the last so many days, today included."""
    today = timezone.localdate()
    return {"desde": (today - timedelta(days=days - 1)).isoformat(), "hasta": today.isoformat()}

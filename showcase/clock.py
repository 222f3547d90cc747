"""A clock that the application is set by, so that what it writes has happened when it is told."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.utils import timezone


class Clock:
    def __init__(self) -> None:
        self.moment = timezone.now()

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)  # nothing happens at the same time
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment

    def advance(self, *, seconds: float = 0, minutes: float = 0) -> None:
        self.moment += timedelta(seconds=seconds, minutes=minutes)


@contextlib.contextmanager
def own_clock() -> Iterator[Clock]:
    """Until its end, rows are written with the moments of that clock."""
    real, clock = timezone.now, Clock()
    fields = [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.default is real
    ]
    _set(fields, clock)
    timezone.now = clock
    try:
        yield clock
    finally:
        timezone.now = real
        _set(fields, real)


def _set(fields: list, now: object) -> None:
    for field in fields:
        field.default = now
        field.__dict__.pop("_get_default", None)  # that Django keeps

"""The takes before and after one in a list of the back office, with its filters and its order.

They are found by comparing with the take's own values, not by looking for it in the list: it may
not be there any more because it has just been reviewed.
"""

from typing import Any, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import connection
from django.db.models import Q, QuerySet, Subquery
from django.http import HttpRequest, QueryDict

from recordings.models import Recording
from recordings.naming import FILTERS_VAR

# What lists can be sorted by and some recordings don't have.
_MAY_BE_EMPTY = ("duracion_segundos", "session__participant__nombre")
_NOTHING = Q(pk__in=())


class Neighbours(NamedTuple):
    """The numbers of the takes beside one, None where there is none."""

    before: int | None
    after: int | None


def neighbours_of(recording: Recording, model_admin: Any, request: HttpRequest) -> Neighbours:
    """Beside the recording in the list that the request says it was opened from; one query."""
    listed = _list_behind(model_admin, request)
    ordering = _ordering_of(listed)
    before = listed.filter(_beyond(recording, ordering, backwards=True)).reverse()
    after = listed.filter(_beyond(recording, ordering, backwards=False))
    found = (
        Recording.objects.filter(pk=recording.pk)
        .values_list(Subquery(before.values("pk")[:1]), Subquery(after.values("pk")[:1]))
        .first()
    )
    return Neighbours(*found) if found else Neighbours(None, None)


def _list_behind(model_admin: Any, request: HttpRequest) -> QuerySet[Recording]:
    """The list's rows; all there are if its filters make no sense."""
    for query in (request.GET.get(FILTERS_VAR, ""), ""):
        try:
            rows: QuerySet[Recording] = model_admin.unread_list(request, QueryDict(query)).queryset
        except IncorrectLookupParameters:
            continue
        break
    return rows


def _ordering_of(rows: QuerySet[Recording]) -> list[str]:
    """The fields that decide, up to the number, after which there is nothing left to decide."""
    ordering = [str(part) for part in rows.query.order_by]
    names = [part.removeprefix("-") for part in ordering]
    return ordering[: names.index("pk") + 1]


def _beyond(recording: Recording, ordering: list[str], *, backwards: bool) -> Q:
    """What comes after the recording in that order, or before it."""
    beyond, same = Q(), Q()
    for part in ordering:
        name = part.removeprefix("-")
        value = _value_at(recording, name)
        beyond |= same & _past(name, value, descending=part.startswith("-") != backwards)
        same &= Q(**{f"{name}__isnull": True} if value is None else {name: value})
    return _from_first(recording, ordering[0], backwards=backwards) & beyond


def _from_first(recording: Recording, part: str, *, backwards: bool) -> Q:
    """A bound that says nothing new, but that an index can be entered by."""
    name = part.removeprefix("-")
    if name in _MAY_BE_EMPTY:
        return Q()
    direction = "lte" if part.startswith("-") != backwards else "gte"
    return Q(**{f"{name}__{direction}": _value_at(recording, name)})


def _past(name: str, value: Any, *, descending: bool) -> Q:
    """What comes after a value, where PostgreSQL and SQLite put what has none."""
    empty_last = connection.features.nulls_order_largest != descending
    if value is None:
        return _NOTHING if empty_last else Q(**{f"{name}__isnull": False})
    past = Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
    if name in _MAY_BE_EMPTY and empty_last:
        past |= Q(**{f"{name}__isnull": True})
    return past


def _value_at(row: Any, path: str) -> Any:
    """What the row has there; None if something on the way to it has been erased."""
    for name in path.split("__"):
        row = getattr(row, name, None)
    return row

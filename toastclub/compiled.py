"""Queries that every request asks: the ORM compiles them once, not each time.

Building and compiling a query costs the ORM several times what the database takes to answer
it; `make bench` shows what that means for the two reads that every headset repeats.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]  # unlisted

Row = TypeVar("Row", bound=models.Model)
Other = TypeVar("Other", bound=models.Model)


class CompiledQuery(Generic[Row]):
    """`build(value)` must be a queryset of which `value` is the only parameter."""

    def __init__(self, build: Callable[[Any], models.QuerySet[Row]], sample: Any) -> None:
        self._build = build
        self._sample = sample

    def first(self, value: Any) -> Row | None:
        """The first row as an instance, with the annotations and the relations selected."""
        row = _first_row(self.plan.sql, [value])
        return None if row is None else self.plan.instance(row)

    @cached_property
    def plan(self) -> "_Plan[Row]":
        return _Plan(self._build(self._sample), self._sample)


class CompiledPair(Generic[Row, Other]):
    """Two queries that have nothing to do with each other, in one round trip.

    Each must find one row at most.
    """

    def __init__(self, one: CompiledQuery[Row], other: CompiledQuery[Other]) -> None:
        self._one = one
        self._other = other

    def first(self, one_value: Any, other_value: Any) -> tuple[Row | None, Other | None]:
        """What each of the queries finds; without the one's row, the other's is not looked at."""
        row = _first_row(self._sql, [one_value, other_value])
        if row is None:
            return None, None
        one, other = self._one.plan, self._other.plan
        ones, others = row[: one.width], row[one.width :]
        is_there = any(value is not None for value in others)
        return one.instance(ones), other.instance(others) if is_there else None

    @cached_property
    def _sql(self) -> str:
        one, other = self._one.plan.sql, self._other.plan.sql
        return f"SELECT * FROM ({one}) AS one LEFT JOIN ({other}) AS other ON TRUE"  # noqa: S608 - both are the ORM's, with parameters


def _first_row(sql: str, parameters: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()


class _Plan(Generic[Row]):
    """What the ORM works out for a queryset before it reads the first row."""

    def __init__(self, queryset: models.QuerySet[Row], sample: Any) -> None:
        self._compiler: Any = queryset.query.get_compiler(queryset.db)
        self.sql, parameters = self._compiler.as_sql()
        if tuple(parameters) != (sample,):
            raise ValueError(f"Expected one parameter, the sample, not {len(parameters)}")
        select, class_info = self._compiler.select, self._compiler.klass_info
        self.width = len(select)  # columns
        self._alias = queryset.db
        self._converters = self._compiler.get_converters([column[0] for column in select])
        self._model: type[Row] = class_info["model"]
        own_columns = class_info["select_fields"]
        self._own = slice(own_columns[0], own_columns[-1] + 1)
        self._names = [column[0].target.attname for column in select[self._own]]
        self._related = get_related_populators(class_info, select, queryset.db)
        self._annotations = list(self._compiler.annotation_col_map.items())

    def instance(self, raw: Any) -> Row:
        (row,) = self._compiler.apply_converters([raw], self._converters)
        instance = self._model.from_db(self._alias, self._names, row[self._own])
        for related in self._related:
            related.populate(row, instance)
        for name, position in self._annotations:
            setattr(instance, name, row[position])
        return instance

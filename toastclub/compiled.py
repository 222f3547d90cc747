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


class CompiledQuery(Generic[Row]):
    """`build(value)` must be a queryset of which `value` is the only parameter."""

    def __init__(self, build: Callable[[Any], models.QuerySet[Row]], sample: Any) -> None:
        self._build = build
        self._sample = sample

    def first(self, value: Any) -> Row | None:
        """The first row as an instance, with the annotations and the relations selected."""
        plan = self._plan
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, [value])
            row = cursor.fetchone()
        return None if row is None else plan.instance(row)

    @cached_property
    def _plan(self) -> "_Plan[Row]":
        return _Plan(self._build(self._sample), self._sample)


class _Plan(Generic[Row]):
    """What the ORM works out for a queryset before it reads the first row."""

    def __init__(self, queryset: models.QuerySet[Row], sample: Any) -> None:
        self._compiler: Any = queryset.query.get_compiler(queryset.db)
        self.sql, parameters = self._compiler.as_sql()
        if tuple(parameters) != (sample,):
            raise ValueError(f"Expected one parameter, the sample, not {len(parameters)}")
        select, class_info = self._compiler.select, self._compiler.klass_info
        self._converters = self._compiler.get_converters([column[0] for column in select])
        self._model: type[Row] = class_info["model"]
        own_columns = class_info["select_fields"]
        self._own = slice(own_columns[0], own_columns[-1] + 1)
        self._names = [column[0].target.attname for column in select[self._own]]
        self._related = get_related_populators(class_info, select, queryset.db)
        self._annotations = list(self._compiler.annotation_col_map.items())

    def instance(self, raw: Any) -> Row:
        (row,) = self._compiler.apply_converters([raw], self._converters)
        instance = self._model.from_db(connection.alias, self._names, row[self._own])
        for related in self._related:
            related.populate(row, instance)
        for name, position in self._annotations:
            setattr(instance, name, row[position])
        return instance

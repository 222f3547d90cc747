"""Searching lists by the words that somebody types."""

import json
from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Field, Lookup, Q, QuerySet

from toastclub.spelling import pattern_of, plain

WORDS_AT_MOST = 8  # the longest, which tell most
LETTERS_AT_MOST = 40  # of a word: a longer one is looked for by its beginning
_FROM_JSON = "(SELECT value FROM json_each(%s))"


def words_in(typed: str) -> list[str]:
    """The words to look for, without capitals and accents."""
    return sorted(plain(typed).split(), key=len, reverse=True)[:WORDS_AT_MOST]


def all_words(words: Iterable[str], *fields: str) -> Q:
    """Each of these words, however it is written, is in one of these fields."""
    return reduce(and_, (_in_any(pattern_of(word[:LETTERS_AT_MOST]), fields) for word in words))


@Field.register_lookup
class Among(Lookup[Any]):
    """Whether a number is one of many, which travel as one value and not as a parameter each."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} IN {_FROM_JSON}", [*parameters, json.dumps(self.rhs)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, self.rhs]


def found_in_any(rows: QuerySet[Any], *ways: Q) -> QuerySet[Any]:
    """Those of the rows that one of these conditions finds.

    Each is looked for by itself, for a condition on columns of several tables is tried on every
    row; and now, for a list is counted, read and exported by several queries.
    """
    all_rows: Any = rows.model.objects
    first, *others = (all_rows.filter(way).order_by().values_list("pk") for way in ways)
    return rows.filter(pk__among=[number for (number,) in first.union(*others)])


def _in_any(pattern: str, fields: Iterable[str]) -> Q:
    return Q(*((f"{field}__regex", pattern) for field in fields), _connector=Q.OR)

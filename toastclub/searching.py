"""Searching lists by the words that somebody types."""

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q, QuerySet

from toastclub.spelling import pattern_of, plain

WORDS_AT_MOST = 8  # the longest, which tell most
LETTERS_AT_MOST = 40  # of a word: a longer one is looked for by its beginning


def words_in(typed: str) -> list[str]:
    """The words to look for, without capitals and accents."""
    return sorted(plain(typed).split(), key=len, reverse=True)[:WORDS_AT_MOST]


def all_words(words: Iterable[str], *fields: str) -> Q:
    """Each of these words, however it is written, is in one of these fields."""
    return reduce(and_, (_in_any(pattern_of(word[:LETTERS_AT_MOST]), fields) for word in words))


def found_in_any(rows: QuerySet[Any], *ways: Q) -> QuerySet[Any]:
    """Those of the rows that one of these conditions finds.

    Each is looked for by itself: a condition on columns of several tables is tried on every row.
    """
    all_rows: Any = rows.model.objects
    first, *others = (all_rows.filter(way).order_by().values("pk") for way in ways)
    return rows.filter(pk__in=first.union(*others))


def _in_any(pattern: str, fields: Iterable[str]) -> Q:
    return Q(*((f"{field}__regex", pattern) for field in fields), _connector=Q.OR)

"""Quantiles of what was counted by value."""

from collections import Counter
from itertools import accumulate


def median(counts: Counter[float]) -> float:
    """The value in the middle, or halfway between the two that are."""
    total = counts.total()
    return (_at(counts, (total - 1) // 2) + _at(counts, total // 2)) / 2


def quartiles(counts: Counter[float]) -> tuple[float, float]:
    """Between which the middle half lies."""
    last = counts.total() - 1
    return _at(counts, last // 4), _at(counts, last - last // 4)


def _at(counts: Counter[float], place: int) -> float:
    """The value at that place, from 0 on, of all in their order."""
    values = sorted(counts)
    ends = accumulate(counts[value] for value in values)
    return next(value for value, end in zip(values, ends, strict=True) if place < end)

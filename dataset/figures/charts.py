"""Charts as the templates draw them: numbers in their own words, and lengths in hundredths."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.formats import number_format

GAP = 0.16  # of a column's width, on either side
LABELS = 6  # under a chart
TICKS = 4
ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def words_of(number: float, *, decimals: int = 0) -> str:
    return number_format(round(number, decimals), decimals, force_grouping=True)


@dataclass(frozen=True)
class Bar:
    """A count beside its name, in a table, and what part of all it is."""

    name: str
    count: int
    of: int

    @property
    def words(self) -> str:
        return words_of(self.count)

    @property
    def share(self) -> str:
        return f"{words_of(100 * self.count / self.of)} %" if self.of else "—"

    @property
    def width(self) -> str:
        return _percent(self.count, self.of)


def bars(counts: Iterable[tuple[str, int]], *, of: int) -> list[Bar]:
    return [Bar(name, count, of) for name, count in counts]


@dataclass(frozen=True)
class Series:
    """What is drawn in one colour: a number for each step of a chart."""

    name: str
    numbers: Sequence[float]


@dataclass(frozen=True)
class Column:
    series: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Step:
    """What a chart shows side by side, and a row of its table."""

    name: str
    words: list[str]  # its numbers
    said: list[str]  # with what they are numbers of
    x: str
    width: str
    columns: list[Column]


@dataclass(frozen=True)
class ColumnChart:
    title: str
    unit: str  # of what is side by side
    names: Sequence[str]
    series: Sequence[Series]
    decimals: int = 0

    @property
    def is_empty(self) -> bool:
        return not any(any(series.numbers) for series in self.series)

    @property
    def steps(self) -> list[Step]:
        return [self._step(place, name) for place, name in enumerate(self.names)]

    @property
    def ticks(self) -> list[tuple[str, str]]:
        """Heights that have a line, with their words."""
        return [
            (_percent(TICKS - place, TICKS), words_of(self._top * place / TICKS))
            for place in range(1, TICKS + 1)
        ]

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Under some of the steps: where, and which."""
        count = len(self.names)
        every = ceil(count / LABELS)
        return [
            (_percent(place + 0.5, count), self.names[place])
            for place in range(every // 2, count, every)
        ]

    @property
    def _top(self) -> float:
        highest = max((max(series.numbers, default=0) for series in self.series), default=0)
        return _round_above(highest)

    def _step(self, place: int, name: str) -> Step:
        count = len(self.names)
        width = (1 - 2 * GAP) / len(self.series)
        columns = [
            Column(
                order,
                x=_percent(place + GAP + order * width, count),
                y=_percent(self._top - series.numbers[place], self._top),
                width=_percent(width, count),
                height=_percent(series.numbers[place], self._top),
            )
            for order, series in enumerate(self.series)
        ]
        words = [words_of(series.numbers[place], decimals=self.decimals) for series in self.series]
        names = [series.name.lower() for series in self.series]
        said = [f"{number} {what}" for number, what in zip(words, names, strict=True)]
        return Step(name, words, said, _percent(place, count), _percent(1, count), columns)


def _percent(part: float, whole: float) -> str:
    """Written as SVG wants it, whatever the language of the page."""
    return f"{100 * part / whole:.3f}%" if whole else "0%"


def _round_above(number: float) -> float:
    """As many times a round whole number as there are ticks."""
    each = max(number / TICKS, 1)
    power = 10 ** floor(log10(each))
    steps = (times * power for times in ROUND)
    return TICKS * next(step for step in steps if step >= each and step % 1 == 0)

"""What was answered to each question of the surveys.

An answer that is an object is the answers to as many questions, called by its name and theirs;
one that is a list counts once for each thing in it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from django.db.models import TextField
from django.db.models.functions import Cast

from dataset.figures.period import Period
from surveys.models import Survey

CHUNK = 5000  # surveys read at once
# What surveys may make the server remember, whatever they hold.
QUESTIONS = 200
VALUES = 200  # of a question
PROSE = 40  # characters: longer answers are counted, and not told apart
DIGITS = 300  # of whole numbers that are counted as numbers
INSIDE = " › "
WORDS = {True: "Sí", False: "No", None: "Sin respuesta"}


@dataclass
class Numbers:
    values: Counter[float] = field(default_factory=Counter)
    others: int = 0  # beyond those that are told apart
    sum: float = 0.0
    least: float = float("inf")
    greatest: float = float("-inf")

    @property
    def count(self) -> int:
        return self.values.total() + self.others

    def add(self, numbers: list[float]) -> None:
        self.others += _tell_apart(Counter(numbers), self.values)
        self.sum += sum(numbers)
        self.least = min(self.least, *numbers)
        self.greatest = max(self.greatest, *numbers)


@dataclass
class Question:
    name: str
    words: Counter[str] = field(default_factory=Counter)
    prose: int = 0  # and words beyond those that are told apart
    numbers: Numbers = field(default_factory=Numbers)

    @property
    def answers(self) -> int:
        return self.words.total() + self.prose + self.numbers.count

    def add(self, answers: list[Any]) -> None:
        """Those of several surveys, neither objects nor lists; nearly always of one kind."""
        for kind in set(map(type, answers)):
            self._add_alike([answer for answer in answers if type(answer) is kind], kind)

    def _add_alike(self, answers: list[Any], kind: type) -> None:
        if kind in (int, float):
            self.numbers.add(answers)
        elif kind is str:
            self._add_words(Counter(answers))
        else:
            self._add_words(Counter(map(WORDS.__getitem__, answers)))

    def _add_words(self, words: Counter[str]) -> None:
        short = Counter({word: count for word, count in words.items() if len(word) <= PROSE})
        self.prose += words.total() - short.total() + _tell_apart(short, self.words)


@dataclass
class SurveyCounts:
    surveys: int = 0
    questions: dict[str, Question] = field(default_factory=dict)

    def add(self, surveys: Iterable[dict[str, Any]]) -> None:
        """Question by question, which takes a third of the time that survey by survey would."""
        given: dict[str, list[Any]] = defaultdict(list)
        for answers in surveys:
            self.surveys += 1
            for name, answer in answers.items():
                given[name].append(answer)
        self._add_given(given)

    def _add_given(self, given: dict[str, list[Any]]) -> None:
        for name, answers in given.items():
            if {dict, list}.isdisjoint(map(type, answers)):
                self._asked(name).add(answers)
            else:
                self._add_given(_opened(name, answers))

    def _asked(self, name: str) -> Question:
        """The question of that name, or one that is forgotten where there are too many."""
        if name in self.questions or len(self.questions) == QUESTIONS:
            return self.questions.get(name, Question(name))
        return self.questions.setdefault(name, Question(name))


def count_answers(period: Period) -> SurveyCounts:
    """Of the surveys completed in the period.

    They are read once, and only what is counted is kept. The database takes as much of a
    processor to look into their JSON, and would need another query for each of its dialects.
    """
    counts = SurveyCounts()
    surveys = period.rows(Survey.objects.all(), "completed_at").order_by("pk")
    texts = surveys.values_list(Cast("respuestas_json", TextField()), flat=True)
    read = map(_read, texts.iterator(chunk_size=CHUNK))
    while chunk := list(islice(read, CHUNK)):
        counts.add(chunk)
    return counts


def _opened(name: str, answers: list[Any]) -> dict[str, list[Any]]:
    """One level less deep: by question, with those that objects and lists have inside."""
    given: dict[str, list[Any]] = defaultdict(list)
    for answer in answers:
        if isinstance(answer, dict):
            for inner, value in answer.items():
                given[f"{name}{INSIDE}{inner}"].append(value)
        elif isinstance(answer, list):
            for thing in answer:
                given[name].append(thing)
        else:
            given[name].append(answer)
    return given


def _read(text: str) -> dict[str, Any]:
    try:
        answers: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError:  # a number that is too large for it
        answers = json.loads(text, parse_int=_whole_number)
    return answers


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= DIGITS else digits


def _tell_apart(new: Counter[Any], known: Counter[Any]) -> int:
    """Adds what is known, or new as long as there is room; how many were not told apart."""
    left = 0
    for value, count in new.items():
        if value in known or len(known) < VALUES:
            known[value] += count
        else:
            left += count
    return left

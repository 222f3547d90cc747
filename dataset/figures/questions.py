"""How what was answered to a question is shown."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, isfinite

from django.utils.formats import number_format
from django.utils.text import Truncator

from dataset.figures.answers import INSIDE, Numbers, Question, SurveyCounts
from dataset.figures.charts import Bar, bars, words_of
from dataset.figures.quantiles import median
from dataset.questions import Asked, asked_by
from surveys.questions import in_words, standard_question

SHOWN = 60  # questions, the most answered
CHOICES = 12  # a question with more different answers is an open one
RANGES = 8  # into which more different numbers are put
NAME = 100  # characters
WRITTEN_OUT = 10**12  # numbers from here on are shown by their size

Counted = list[tuple[str, int]]


@dataclass(frozen=True)
class QuestionFigure:
    name: str
    answers: str
    bars: list[Bar]  # none for an open question
    facts: list[tuple[str, str]]  # of its numbers
    note: str


def question_figures(counts: SurveyCounts) -> list[QuestionFigure]:
    """The most answered ones, in the order in which they came."""
    by_answers = sorted(counts.questions.values(), key=lambda question: -question.answers)
    shown = {question.name for question in by_answers[:SHOWN]}
    return [_figure(question) for name, question in counts.questions.items() if name in shown]


def _figure(question: Question) -> QuestionFigure:
    if _asks_who(question):
        counted, note = [], "Pregunta quién responde: solo se cuenta."
    else:
        counted, note = _counted(question), ""
    if not counted and not question.numbers.count:
        note = note or "Respuestas libres: solo se cuentan."
    return QuestionFigure(
        _name(question),
        words_of(question.answers),
        bars(counted, of=question.answers),
        [] if note else _facts(question.numbers),
        note,
    )


def _asks_who(question: Question) -> bool:
    return any(asked_by(piece) == Asked.NAME_OR_ADDRESS for piece in question.name.split(INSIDE))


def _name(question: Question) -> str:
    if asked := standard_question(question.name):
        return asked.words
    shown = INSIDE.join(map(in_words, question.name.split(INSIDE)))
    return Truncator(shown).chars(NAME)


def _counted(question: Question) -> Counted:
    """Numbers, then what was said, the most frequent first."""
    return [*_numbers(question.numbers), *_words(question)]


def _numbers(numbers: Numbers) -> Counted:
    if len(numbers.values) <= CHOICES:
        return [(_number(value), count) for value, count in sorted(numbers.values.items())]
    has_ranges = not numbers.others and isfinite(numbers.greatest - numbers.least)
    return list(_ranges(numbers)) if has_ranges else []


def _words(question: Question) -> Counted:
    """None where nearly everybody said something else."""
    if len(question.words) > CHOICES or question.prose > question.words.total():
        return []
    asked = standard_question(question.name)
    named = [
        ((asked and asked.words_for(word)) or word, count) for word, count in question.words.items()
    ]
    counted = sorted(named, key=lambda item: (-item[1], item[0]))
    return [*counted, *([("Otras, más largas", question.prose)] if question.prose else [])]


def _ranges(numbers: Numbers) -> Iterator[tuple[str, int]]:
    """As many ranges of the same width; of whole numbers, from one to another, both included."""
    is_whole = all(float(value).is_integer() for value in numbers.values)
    width = (numbers.greatest - numbers.least + is_whole) / RANGES
    width = ceil(width) if is_whole else width
    counts: Counter[int] = Counter()
    for value, count in numbers.values.items():
        counts[min(int((value - numbers.least) // width), RANGES - 1)] += count
    for place in range(max(counts) + 1):
        first = numbers.least + place * width
        last = min(first + width - is_whole, numbers.greatest)
        name = _number(first) if first == last else f"{_number(first)} a {_number(last)}"
        yield name, counts[place]


def _facts(numbers: Numbers) -> list[tuple[str, str]]:
    if not numbers.count:
        return []
    facts = [("Media", numbers.sum / numbers.count)]
    if not numbers.others:
        facts.append(("Mediana", median(numbers.values)))
    facts += [("Mínimo", numbers.least), ("Máximo", numbers.greatest)]
    return [(name, _number(value)) for name, value in facts]


def _number(value: float) -> str:
    if abs(value) >= WRITTEN_OUT:
        return f"{value:.3g}"
    rounded = round(value, 2)
    whole = int(rounded) if rounded == int(rounded) else rounded
    return str(number_format(whole, force_grouping=True))

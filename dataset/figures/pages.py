"""The page of figures: what the database counts, as charts and tables."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dataset.figures.answers import SurveyCounts, count_answers
from dataset.figures.charts import Bar, ColumnChart, Series, bars, words_of
from dataset.figures.counts import (
    FASTEST,
    SessionCounts,
    TakeCounts,
    TextCounts,
    count_sessions,
    count_takes,
    count_texts,
    earliest_day,
)
from dataset.figures.period import DEFAULT_DAYS, Period, PeriodForm, last_days
from dataset.figures.quantiles import median, quartiles
from dataset.figures.questions import SHOWN, question_figures
from recordings.choices import AVISO_NAMES
from sessions_app.choices import Estado

SHORTCUTS = {"7 días": 7, "30 días": 30, "Un año": 365}
PACE_STEP = 10  # words a minute
TEXTS = 30  # told apart


@dataclass(frozen=True)
class Stage:
    """A state on a session's way: who came so far, and who has stopped there."""

    reached: Bar
    stopped: str


@dataclass(frozen=True)
class TextPace:
    title: str
    takes: str
    median: str
    middle_half: str


@require_safe
def figures_view(request: HttpRequest) -> HttpResponse:
    form = PeriodForm(request.GET.dict() or last_days(DEFAULT_DAYS))
    context = {
        **admin.site.each_context(request),
        "title": "Cifras",
        "form": form,
        "shortcuts": [
            (name, f"?{urlencode(query)}", query == form.data) for name, query in _shortcuts()
        ],
    }
    if form.is_valid():
        context |= _figures(_period(form))
    return render(request, "admin/dataset/figures.html", context)


def _shortcuts() -> Iterator[tuple[str, dict[str, str]]]:
    for name, days in SHORTCUTS.items():
        yield name, last_days(days)
    yield "Todo", {"desde": "", "hasta": ""}


def _period(form: PeriodForm) -> Period:
    needs_start = form.cleaned_data["desde"] is None
    return form.period(earliest=earliest_day() if needs_start else None)


def _figures(period: Period) -> dict[str, Any]:
    sessions, takes = count_sessions(period), count_takes(period)
    texts, surveys = count_texts(period), count_answers(period)
    paces = sum((text.paces for text in texts), Counter[float]())
    return {
        "period": period,
        "totals": _totals(sessions, takes, surveys, paces),
        "sessions_chart": _sessions_chart(period, sessions),
        "funnel": _funnel(sessions),
        "minutes_chart": _minutes_chart(period, takes),
        "untimed": _untimed(takes.untimed),
        "texts": _texts(texts),
        "avisos": _avisos(takes),
        "pace_chart": _pace_chart(paces),
        "paces": [_text_pace(text) for text in texts[:TEXTS] if text.paces],
        "surveys": surveys.surveys,
        "questions": question_figures(surveys),
        "hidden_questions": len(surveys.questions) > SHOWN,
    }


def _totals(
    sessions: SessionCounts, takes: TakeCounts, surveys: SurveyCounts, paces: Counter[float]
) -> list[tuple[str, str]]:
    return [
        ("Sesiones creadas", words_of(sessions.created.total())),
        ("Sesiones completadas", words_of(sessions.completed.total())),
        ("Tomas", words_of(takes.takes.total())),
        ("Minutos grabados", words_of(takes.seconds.total() / 60)),
        ("Palabras por minuto", _words_a_minute(median(paces)) if paces else "—"),
        ("Encuestas completadas", words_of(surveys.surveys)),
    ]


def _sessions_chart(period: Period, counts: SessionCounts) -> ColumnChart:
    steps = list(period.steps)
    return ColumnChart(
        title=f"Sesiones por {period.unit.word}",
        unit=period.unit.word,
        names=[period.named(step) for step in steps],
        series=[
            Series("Creadas", [counts.created[step] for step in steps]),
            Series("Completadas", [counts.completed[step] for step in steps]),
        ],
    )


def _minutes_chart(period: Period, counts: TakeCounts) -> ColumnChart:
    steps = list(period.steps)
    return ColumnChart(
        title=f"Minutos grabados por {period.unit.word}",
        unit=period.unit.word,
        names=[period.named(step) for step in steps],
        series=[
            Series("Minutos", [counts.seconds[step] / 60 for step in steps]),
        ],
        decimals=1,
    )


def _untimed(takes: int) -> str:
    return f"De {words_of(takes)} tomas no se sabe la duración." if takes else ""


def _funnel(counts: SessionCounts) -> list[Stage]:
    reached = list(counts.reached) if counts.states else []
    of_each = bars([(e.label, count) for e, count, _ in reached], of=counts.created.total())
    return [
        Stage(bar, "—" if estado == Estado.COMPLETED else words_of(stopped))
        for bar, (estado, _count, stopped) in zip(of_each, reached, strict=True)
    ]


def _texts(texts: list[TextCounts]) -> list[Bar]:
    counted = [(text.title, text.takes) for text in texts[:TEXTS]]
    if others := sum(text.takes for text in texts[TEXTS:]):
        counted.append((f"Otros {words_of(len(texts) - TEXTS)} textos", others))
    return bars(counted, of=sum(text.takes for text in texts))


def _avisos(counts: TakeCounts) -> list[Bar]:
    """A take may have several; those without any and those not measured yet come last."""
    if not counts.takes:
        return []
    return bars(
        [
            *((name, counts.avisos[aviso]) for aviso, name in AVISO_NAMES.items()),
            ("Sin avisos", counts.without_avisos),
            ("Aún sin medir", counts.unprocessed),
        ],
        of=counts.takes.total(),
    )


def _pace_chart(paces: Counter[float]) -> ColumnChart:
    steps = Counter[int]()
    for pace, count in paces.items():
        steps[int(pace) // PACE_STEP * PACE_STEP] += count
    names = range(min(steps, default=0), max(steps, default=-1) + 1, PACE_STEP)
    return ColumnChart(
        title="Ritmo de lectura",
        unit="palabras por minuto",
        names=[_pace_name(step) for step in names],
        series=[Series("Tomas", [steps[step] for step in names])],
    )


def _words_a_minute(pace: float) -> str:
    """Whoever is faster than the fastest that is told apart is counted as that."""
    return f"{FASTEST} o más" if pace >= FASTEST else words_of(pace)


def _pace_name(step: int) -> str:
    return f"{step} o más" if step >= FASTEST else f"{step}–{step + PACE_STEP - 1}"


def _text_pace(text: TextCounts) -> TextPace:
    low, high = quartiles(text.paces)
    return TextPace(
        text.title,
        words_of(text.paces.total()),
        _words_a_minute(median(text.paces)),
        f"{words_of(low)}–{_words_a_minute(high)}",
    )

"""Cifras: what is counted, beside a plain count in Python of the same rows."""

import re
import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

FIGURES = "/admin/cifras/"
ALL = {"desde": "", "hasta": ""}
MARCH = {"desde": "2026-03-01", "hasta": "2026-03-31"}
SCRIPT = "<script>alert('ñ')</script>"
LIMA = ZoneInfo("America/Lima")
MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


def shown(browser, **query):
    answer = browser.get(FIGURES, query)
    assert answer.status_code == 200
    return answer.content.decode()


def table(page, heading):
    """The rows of the table under that heading: a name, and its cells."""
    card = re.search(rf"<h[23]>{re.escape(heading)}</h[23]>.*?</section>", page, re.DOTALL)
    return {cells[0]: cells[1:] for cells in map(cells_of, rows_of(card[0]))}


def rows_of(card):
    body = re.search(r"<tbody>(.*?)</tbody>", card, re.DOTALL)
    return re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []


def cells_of(row):
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
    return [unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in cells]


def numbers(page, heading, column=0):
    """One column of that table, its noughts left out."""
    found = {name: cells[column] for name, cells in table(page, heading).items()}
    return {name: words for name, words in found.items() if words not in ("0", "0,0")}


def totals(page):
    found = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)
    return {name: words.replace("\xa0", "") for name, words in found}


def lima(day, time="12:00:00"):
    return datetime.fromisoformat(f"2026-{day} {time}").replace(tzinfo=LIMA)


def session_at(moment, *, completed_at=None, **fields):
    session = SessionFactory(**fields)
    Session.objects.filter(pk=session.pk).update(created_at=moment, completed_at=completed_at)
    return session


def take_at(moment, *, seconds=60.0, **fields):
    return RecordingFactory(uploaded_at=moment, duracion_segundos=seconds, **fields)


def survey_at(moment, answers):
    survey = SurveyFactory(answers=answers)
    if answers is not None:
        Survey.objects.filter(pk=survey.pk).update(completed_at=moment)
    return survey


def day_name(day):
    return f"{day.day} {MONTHS[day.month - 1]}"


# Which days


def test_without_being_asked_it_shows_the_last_thirty_days(browser):
    today = timezone.localdate()
    SessionFactory()
    session_at(timezone.now() - timedelta(days=29))
    session_at(timezone.now() - timedelta(days=31))

    page = shown(browser)

    assert len(table(page, "Sesiones por día")) == 30
    assert totals(page)["Sesiones creadas"] == "2"
    assert f'value="{today - timedelta(days=29)}"' in page


@pytest.mark.parametrize(
    "query, field, words",
    [
        ({"desde": "ayer", "hasta": ""}, "desde", "No es un día que exista"),
        ({"desde": "2026-02-30", "hasta": ""}, "desde", "No es un día que exista"),
        ({"desde": "", "hasta": "31/12/2026"}, "hasta", "No es un día que exista"),
        ({"desde": "1999-12-31", "hasta": ""}, "desde", "El primer día que se puede pedir"),
        ({"desde": "", "hasta": "9999-12-31"}, "hasta", "El último día que se puede pedir"),
        ({"desde": "2026-03-02", "hasta": "2026-03-01"}, "hasta", "es anterior al de «Desde»"),
    ],
)
def test_a_day_that_cannot_be_is_named_at_its_field(browser, query, field, words):
    page = shown(browser, **query)

    error = re.search(rf'id="id_{field}_error">([^<]+)<', page)
    assert words in unescape(error[1])
    assert "Sesiones por día" not in page


def test_both_days_are_included(browser):
    for day in ("02-28", "03-01", "03-31", "04-01"):
        session_at(lima(day))

    assert numbers(shown(browser, **MARCH), "Sesiones por día") == {"1 mar": "1", "31 mar": "1"}


def test_without_limits_it_begins_with_the_first_session(browser):
    session_at(timezone.now() - timedelta(days=3))
    SessionFactory()

    assert len(table(shown(browser, **ALL), "Sesiones por día")) == 4


@pytest.mark.parametrize(
    "first, last, word, steps",
    [
        ("2026-01-01", "2026-04-10", "día", 100),
        ("2026-01-01", "2026-04-11", "semana", 15),
        ("2024-01-01", "2026-04-11", "mes", 28),
        ("2000-01-01", "2100-12-31", "mes", 1212),
    ],
)
def test_longer_periods_are_shown_by_week_and_by_month(browser, first, last, word, steps):
    session_at(lima("02-04"))

    sessions = table(shown(browser, desde=first, hasta=last), f"Sesiones por {word}")

    assert len(sessions) == steps
    assert sum(int(cells[0]) for cells in sessions.values()) == 1


@pytest.mark.parametrize("query", [MARCH, ALL])
def test_where_there_is_nothing_yet_each_part_says_so(browser, query):
    page = shown(browser, **query)

    for words in ("sesiones", "minutos grabados", "tomas", "encuestas respondidas"):
        assert f"Aún no hay {words} en estos días." in page


# Sessions


def test_a_session_belongs_to_the_day_it_was_made_in_the_projects_zone(browser):
    session_at(lima("03-04", "23:30:00"))
    session_at(lima("03-04", "23:59:59"))
    session_at(lima("03-05", "00:00:00"))

    assert numbers(shown(browser, **MARCH), "Sesiones por día") == {"4 mar": "2", "5 mar": "1"}


def test_a_session_is_completed_on_another_day_than_made(browser):
    session_at(
        lima("03-04", "23:50:00"),
        completed_at=lima("03-05", "00:10:00"),
        estado=Estado.COMPLETED,
    )

    page = shown(browser, **MARCH)

    assert numbers(page, "Sesiones por día", 0) == {"4 mar": "1"}
    assert numbers(page, "Sesiones por día", 1) == {"5 mar": "1"}


@pytest.mark.parametrize("zone", ["America/Santiago", "Africa/Cairo", "America/Lima"])
@pytest.mark.parametrize("around", [(2026, 4, 5), (2026, 9, 6), (2026, 4, 24), (2026, 10, 30)])
def test_days_are_those_of_the_zone_where_its_clocks_are_changed(browser, settings, zone, around):
    settings.TIME_ZONE = zone
    start = datetime(*around, tzinfo=UTC) - timedelta(hours=30)
    moments = [start + timedelta(minutes=30 * step) for step in range(120)]
    text, user = TextFactory(), FacilitatorFactory()
    for moment in moments:
        session_at(moment, text=text, user=user)
    plain = Counter(day_name(moment.astimezone(ZoneInfo(zone)).date()) for moment in moments)
    first, last = (date(*around) + timedelta(days=days) for days in (-5, 5))

    counted = numbers(shown(browser, desde=first, hasta=last), "Sesiones por día")

    assert counted == {day: str(count) for day, count in plain.items()}


def test_the_funnel_says_how_many_came_to_each_state_and_stopped_there(browser):
    for estado in Estado:
        for _session in range(1 + (estado == Estado.RUNNING)):
            session_at(lima("03-04"), estado=estado)
    session_at(lima("05-04"), estado=Estado.RUNNING)

    funnel = table(shown(browser, **MARCH), "Hasta dónde llegan")

    assert {name: (cells[0], cells[1], cells[-1]) for name, cells in funnel.items()} == {
        "Creada": ("7", "100 %", "1"),
        "Lista para empezar": ("6", "86 %", "1"),
        "En curso": ("5", "71 %", "2"),
        "Audio subido": ("3", "43 %", "1"),
        "Encuesta pendiente": ("2", "29 %", "1"),
        "Completada": ("1", "14 %", "—"),
    }


def test_sessions_whose_participant_was_erased_still_count(browser):
    session_at(lima("03-04"), estado=Estado.COMPLETED, completed_at=lima("03-04"))
    Participant.objects.all().delete()

    page = shown(browser, **MARCH)

    assert totals(page)["Sesiones creadas"] == totals(page)["Sesiones completadas"] == "1"


# Recordings


def test_minutes_are_those_of_the_day_a_take_came(browser):
    take_at(lima("03-04", "23:59:59"), seconds=90)
    take_at(lima("03-05", "00:00:00"), seconds=45.5)
    take_at(lima("03-05"), seconds=None, sha256=None)  # a mock
    take_at(lima("03-05"), seconds=1.7e308, sha256=None)  # one that lies
    take_at(None, seconds=600)  # pending

    page = shown(browser, **MARCH)

    assert numbers(page, "Minutos grabados por día") == {"4 mar": "1,5", "5 mar": "0,8"}
    assert totals(page)["Tomas"] == "4"
    assert totals(page)["Minutos grabados"] == "2"
    assert "De 2 tomas no se sabe la duración." in page


def test_takes_are_counted_by_text_whatever_it_was_called_then(browser):
    embudo, reja = TextFactory(title="El Embudo"), TextFactory(title="La Reja")
    for text in (embudo, embudo, reja):
        take_at(lima("03-04"), session=SessionFactory(text=text))
    embudo.title = "El Embudo, corregido"
    embudo.store()
    take_at(lima("03-05"), session=SessionFactory(text=embudo))

    assert numbers(shown(browser, **MARCH), "Tomas por texto") == {
        "El Embudo, corregido": "3",
        "La Reja": "1",
    }


def test_texts_beyond_those_that_are_named_are_counted_together(browser, monkeypatch):
    monkeypatch.setattr("dataset.figures.pages.TEXTS", 1)
    session = SessionFactory(text=TextFactory(title="El Embudo"))
    for take in (session, session, SessionFactory(), SessionFactory()):
        take_at(lima("03-04"), session=take)

    takes = numbers(shown(browser, **MARCH), "Tomas por texto")

    assert takes == {"El Embudo": "2", "Otros 2 textos": "2"}


def test_takes_are_counted_by_warning(browser):
    for avisos in (["silencio"], ["silencio", "muy_corto"], ["muy_corto", "silencio"], []):
        take_at(lima("03-04"), avisos=avisos)
    take_at(lima("03-04"), is_processed=False)
    take_at(lima("04-04"), avisos=["saturado"])

    page = shown(browser, **MARCH)

    assert numbers(page, "Tomas por aviso") == {
        "Silencio": "3",
        "Muy corta": "2",
        "Sin avisos": "1",
        "Aún sin medir": "1",
    }
    assert table(page, "Tomas por aviso")["Silencio"][1] == "60 %"


def text_of(words):
    return TextFactory(pages=[["Respira hondo."], ["Título"], ["palabra " * words]])


def test_the_pace_is_that_of_the_words_which_each_session_read(browser):
    text = text_of(120)
    before = SessionFactory(text=text)
    text.pages = [["Respira."], ["Título"], ["palabra " * 300]]
    text.store()
    take_at(lima("03-04"), session=before, seconds=60)
    take_at(lima("03-04"), session=SessionFactory(text=text), seconds=180)
    take_at(lima("03-04"), session=SessionFactory(text=text), seconds=125)

    page = shown(browser, **MARCH)

    assert numbers(page, "Ritmo de lectura") == {"100–109": "1", "120–129": "1", "140–149": "1"}
    assert numbers(page, "Ritmo de lectura por texto", 1) == {text.title: "120"}
    assert totals(page)["Palabras por minuto"] == "120"


@pytest.mark.parametrize(
    "take",
    [
        {"seconds": None},
        {"seconds": 0.0},
        {"seconds": 5e-324},
        {"seconds": 1e300},
        {"avisos": ["silencio"]},
        {"avisos": ["saturado", "truncado"]},
        {"avisos": ["muy_corto"]},
        {"avisos": ["no_decodificable"]},
    ],
)
def test_a_take_that_was_not_read_to_the_end_has_no_pace(browser, take):
    take_at(lima("03-04"), session=SessionFactory(text=text_of(100)), **take)

    page = shown(browser, **MARCH)

    assert totals(page)["Tomas"] == "1"
    assert totals(page)["Palabras por minuto"] == "—"


def test_a_text_without_words_has_no_pace(browser):
    take_at(lima("03-04"), session=SessionFactory(text=TextFactory(pages=[["a"], ["b"]])))

    assert totals(shown(browser, **MARCH))["Palabras por minuto"] == "—"


def test_whoever_claims_to_speak_faster_than_anybody_is_counted_there(browser):
    take_at(lima("03-04"), session=SessionFactory(text=text_of(1000)), seconds=2)

    page = shown(browser, **MARCH)

    assert numbers(page, "Ritmo de lectura") == {"300 o más": "1"}
    assert totals(page)["Palabras por minuto"] == "300 o más"


# Surveys


def test_each_answer_is_counted(browser):
    for answer in ("buena", "excelente", "buena"):
        survey_at(lima("03-04"), {"experiencia_general": answer, "volveria": answer == "buena"})
    survey_at(lima("04-04"), {"experiencia_general": "mala"})
    survey_at(lima("03-04"), None)  # pending
    survey_at(lima("03-04"), {})

    page = shown(browser, **MARCH)

    asked = "¿Cómo fue la experiencia en general?"
    assert numbers(page, asked) == {"Buena": "2", "Excelente": "1"}
    assert list(table(page, asked)) == ["Buena", "Excelente"]
    assert numbers(page, "Volveria") == {"Sí": "2", "No": "1"}
    assert totals(page)["Encuestas completadas"] == "4"


def test_answers_inside_others_are_counted_by_both_names(browser):
    answers = {"visor": {"comodidad": {"cabeza": 4}, "uso": ["clase", "casa"]}, "lista": [[1], [2]]}
    survey_at(lima("03-04"), answers)
    survey_at(lima("03-04"), {"visor": "roto", "lista": []})
    survey_at(lima("03-04"), {"visor": {"uso": ["clase"]}})

    page = shown(browser, **MARCH)

    assert numbers(page, "Visor") == {"roto": "1"}
    assert numbers(
        page,
        "Visor › Comodidad › Cabeza",
    ) == {"4": "1"}
    assert numbers(page, "Visor › Uso") == {"clase": "2", "casa": "1"}
    assert numbers(page, "Lista") == {"1": "1", "2": "1"}


def test_a_list_that_is_empty_answers_nothing(browser):
    survey_at(lima("03-04"), {"temas": [], "nota": 1})

    page = shown(browser, **MARCH)

    assert "Nota" in page
    assert "Temas" not in page


def test_numbers_are_taken_for_numbers(browser):
    given = [1, 2, 2.0, 5, 10]
    for number in given:
        survey_at(lima("03-04"), {"nervios": number})

    page = shown(browser, **MARCH)

    assert table(page, "Nervios").keys() == {"1", "2", "5", "10"}
    assert numbers(page, "Nervios")["2"] == "2"
    facts = totals(page)
    assert facts["Media"] == "4"
    assert facts["Mediana"] == "2"
    assert (facts["Mínimo"], facts["Máximo"]) == ("1", "10")


def test_a_yes_is_no_number_one(browser):
    for answer in (True, 1, "Sí", None):
        survey_at(lima("03-04"), {"mezcla": answer})

    page = shown(browser, **MARCH)

    assert numbers(page, "Mezcla") == {"1": "1", "Sí": "2", "Sin respuesta": "1"}


def test_many_different_numbers_are_put_into_ranges(browser):
    ages = [18 + place % 40 for place in range(60)]
    for age in ages:
        survey_at(lima("03-04"), {"edad": age})

    page = shown(browser, **MARCH)

    ranges = numbers(page, "Edad")
    assert list(ranges) == [
        "18 a 22",
        "23 a 27",
        "28 a 32",
        "33 a 37",
        "38 a 42",
        "43 a 47",
        "48 a 52",
        "53 a 57",
    ]
    assert ranges["18 a 22"] == str(sum(18 <= age <= 22 for age in ages))
    assert totals(page)["Mediana"] == f"{statistics.median(ages):g}".replace(".", ",")


def test_free_text_is_only_counted(browser):
    for number in range(14):
        survey_at(lima("03-04"), {"comentario": f"Fue la vez número {number}", "nota": "x" * 50})

    page = shown(browser, **MARCH)

    assert "14 respuestas. Respuestas libres: solo se cuentan." in page
    assert "Fue la vez" not in page
    assert "xxx" not in page


def test_what_a_participant_is_called_is_only_counted(browser):
    inside = {"correo": "luz@example.com"}
    survey_at(lima("03-04"), {"nombre_completo": "Luz Ñahui", "datos": inside})

    page = shown(browser, **MARCH)

    assert "Pregunta quién responde: solo se cuenta." in page
    assert "Luz" not in page
    assert "luz@" not in page


@pytest.mark.parametrize(
    "number", [10**25, -(10**25), int("1" * 400), 1e308, 0.1, 2**53 + 1], ids=str
)
def test_no_number_is_too_large_to_be_counted(browser, number):
    survey_at(lima("03-04"), {"cuánto": number})
    survey_at(lima("03-04"), {"cuánto": 1})

    assert "2 respuestas." in shown(browser, **MARCH)


@pytest.mark.parametrize("extremes", [(-1e308, 1e308), (-(10**299), 10**299), (1e-300, 1e300)])
def test_many_numbers_may_lie_as_far_apart_as_they_like(browser, extremes):
    for number in (*extremes, *range(12)):
        survey_at(lima("03-04"), {"cuánto": number})

    assert "14 respuestas." in shown(browser, **MARCH)


def test_a_survey_may_ask_more_than_is_shown(browser, monkeypatch):
    monkeypatch.setattr("dataset.figures.answers.QUESTIONS", 3)
    monkeypatch.setattr("dataset.figures.pages.SHOWN", 2)
    monkeypatch.setattr("dataset.figures.questions.SHOWN", 2)
    survey_at(lima("03-04"), {f"p{number}": "sí" for number in range(5)})

    page = shown(browser, **MARCH)

    assert "Se muestran las 2 preguntas más respondidas; hay más." in page


# All of it


def awkward_data():
    """Rows of all kinds around the ends of days and months, in the last of which nothing is."""
    texts = [text_of(words) for words in (0, 80, 240)]
    avisos = [[], ["saturado"], ["silencio"], ["truncado", "muy_corto"]]
    for number in range(60):
        moment = lima("02-27", "18:00:00") + timedelta(hours=3 * number, minutes=59 * (number % 2))
        session = session_at(moment, text=texts[number % 3], estado=list(Estado)[number % 6])
        seconds = (None, 0.5, 31.25 + number)[number % 3]
        take_at(moment, session=session, seconds=seconds, avisos=avisos[number % 4])
        survey_at(
            moment,
            {"nota": number % 5, "de": {"a": [str(number % 2), None]}} if number % 4 else None,
        )


def test_all_figures_are_those_of_a_plain_count(browser):
    awkward_data()
    first, last = lima("03-01", "00:00:00"), lima("04-01", "00:00:00")
    sessions = [s for s in Session.objects.all() if first <= s.created_at < last]
    takes = [take for take in Recording.objects.all() if first <= take.uploaded_at < last]
    paces = [
        int(take.session.text_words * 60 / take.duracion_segundos)
        for take in takes
        if (take.duracion_segundos or 0) >= 1
        and take.session.text_words
        and set(take.avisos) <= {"saturado"}
    ]
    surveys = [
        survey for survey in Survey.objects.completed() if first <= survey.completed_at < last
    ]

    page = shown(browser, **MARCH)

    days = Counter(day_name(session.created_at.astimezone(LIMA)) for session in sessions)
    assert numbers(page, "Sesiones por día") == {day: str(n) for day, n in days.items()}
    texts = Counter(take.session.text_title for take in takes)
    assert numbers(page, "Tomas por texto") == {title: str(n) for title, n in texts.items()}
    notes = Counter(str(survey.respuestas_json["nota"]) for survey in surveys)
    assert numbers(page, "Nota") == {note: str(n) for note, n in notes.items()}
    inside = Counter(survey.respuestas_json["de"]["a"][0] for survey in surveys)
    assert numbers(page, "De › A") == {
        **{answer: str(n) for answer, n in inside.items()},
        "Sin respuesta": str(len(surveys)),
    }
    seconds = sum(take.duracion_segundos or 0 for take in takes)
    assert (
        totals(page).items()
        >= {
            "Sesiones creadas": str(len(sessions)),
            "Tomas": str(len(takes)),
            "Minutos grabados": str(round(seconds / 60)),
            "Palabras por minuto": str(round(statistics.median(paces))),
            "Encuestas completadas": str(len(surveys)),
        }.items()
    )


def test_what_texts_and_answers_say_is_shown_and_never_run(browser):
    take_at(lima("03-04"), session=SessionFactory(text=TextFactory(title=SCRIPT)))
    survey_at(lima("03-04"), {SCRIPT: SCRIPT})

    page = shown(browser, **MARCH)

    assert SCRIPT not in page
    assert page.count("&lt;script&gt;alert(&#x27;ñ&#x27;)&lt;/script&gt;") >= 2


def test_what_is_written_into_the_form_is_never_run(browser):
    assert SCRIPT not in shown(browser, desde=SCRIPT, hasta="", otro=SCRIPT)


def test_each_chart_has_its_numbers_in_a_table(browser):
    take_at(lima("03-04"), session=session_at(lima("03-04"), text=text_of(100)))

    page = shown(browser, **MARCH)

    for chart in re.findall(r'<svg class="fg-columns".*?</section>', page, re.DOTALL):
        assert 'role="img"' in chart
        assert "<table" in chart
    assert page.count('<svg class="fg-columns"') == 3


def test_only_analysts_see_figures(browser_of):
    assert browser_of(FacilitatorFactory()).get(FIGURES).status_code == 403
    answer = Client().get(FIGURES)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def test_figures_are_only_read(browser):
    assert browser.post(FIGURES).status_code == 405


def queries_of(browser, query):
    with CaptureQueriesContext(connection) as queries:
        shown(browser, **query)
    return len(queries)


@pytest.mark.parametrize("query", [MARCH, ALL])
def test_more_rows_take_no_more_queries(browser, query):
    take_at(lima("03-04"), session=session_at(lima("03-04")))
    survey_at(lima("03-04"), {"nota": 1})
    queries_of(browser, query)  # what a process asks for once
    of_few = queries_of(browser, query)
    awkward_data()

    assert queries_of(browser, query) == of_few < 10

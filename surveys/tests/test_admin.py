"""Surveys in the back office: found, and read as questions and answers."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from sessions_app.choices import Estado
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.searching import SURVEYS_READ
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/surveys/survey/"
SCRIPT = "<script>alert('ñ')</script>"
QUERIES = 9


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


def page_of(survey):
    return f"{LIST}{survey.pk}/change/"


def shown(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def read(browser, answers, questions=None):
    """The questions and answers of such a survey as its page shows them, without markup."""
    survey = SurveyFactory(answers=answers, questions=questions)
    page = shown(browser, page_of(survey)).partition('id="answers-title"')[2]
    pairs = re.findall(r"^    <dt>(.*?)</dt>\n    <dd>(.*?)</dd>\n", page, re.DOTALL | re.MULTILINE)
    return [(_plain(question), _plain(answer)) for question, answer in pairs]


def _plain(markup):
    parted = re.sub(r"</(li|dt|dd|ul|dl)>", " ", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", parted)).split())


def test_the_answers_of_the_contract_are_read_in_words_and_in_the_order_in_which_they_came(browser):
    assert read(
        browser,
        {
            "facilidad_uso": "muy_facil",
            "experiencia_general": "excelente",
            "utilidad_entrenamiento": "muy_util",
            "volveria_usar": "si",
            "mejoras_sugeridas": "Agregar más textos",
        },
    ) == [
        ("¿Fue fácil de usar?", "Muy fácil"),
        ("¿Cómo fue la experiencia en general?", "Excelente"),
        ("¿Fue útil el entrenamiento?", "Muy útil"),
        ("¿Lo volvería a usar?", "Sí"),
        ("¿Qué mejoraría?", "Agregar más textos"),
    ]


def test_an_answer_that_is_not_on_the_scale_is_shown_as_it_was_given(browser):
    assert read(browser, {"facilidad_uso": "casi_facil", "otra_pregunta": 4}) == [
        ("¿Fue fácil de usar?", "casi_facil"),
        ("Otra pregunta", "4"),
    ]


@pytest.mark.parametrize(
    "questions",
    [
        ["¿Cómo te fue?", "¿Y la voz?"],
        [{"id": "a", "pregunta": "¿Cómo te fue?"}, {"id": "b", "pregunta": "¿Y la voz?"}],
        [{"key": "b", "text": "¿Y la voz?"}, {"key": "a", "text": "¿Cómo te fue?"}, 7],
        [{"name": "a", "Título": "¿Cómo te fue?"}, {"name": "b", "question": "¿Y la voz?"}],
    ],
)
def test_answers_stand_under_the_words_of_the_survey_s_own_questions(browser, questions):
    assert read(browser, {"a": "Bien", "b": "Débil"}, questions) == [
        ("¿Cómo te fue?", "Bien"),
        ("¿Y la voz?", "Débil"),
    ]


def test_choices_are_read_by_their_words(browser):
    options = [{"valor": 1, "etiqueta": "Nada"}, {"valor": 2, "etiqueta": "Mucho"}, "un_poco"]
    questions = [
        {"id": "a", "pregunta": "¿Uno?", "opciones": options},
        {"id": "b", "pregunta": "¿Varios?", "opciones": options, "tipo": "multiple"},
    ]

    assert read(browser, {"a": 2, "b": [1, "un_poco", 9]}, questions) == [
        ("¿Uno?", "Mucho"),
        ("¿Varios?", "Nada Un poco 9"),
    ]


def test_questions_beside_their_answers_are_read_together(browser):
    answers = {
        "respuestas": [
            {"pregunta": "¿Qué te gustó?", "respuesta": ["El visor", "El texto"]},
            {"id": "q2", "question": "¿Cuánto?", "answer": 5},
        ]
    }

    assert read(browser, answers) == [
        ("Respuestas", "¿Qué te gustó? El visor El texto ¿Cuánto? 5 Id q2"),
    ]


@pytest.mark.parametrize(
    "value, words",
    [
        (True, "Sí"),
        (False, "No"),
        (None, "Sin respuesta"),
        ("", "Sin respuesta"),
        ([], "Sin respuesta"),
        ({}, "Sin respuesta"),
        (0, "0"),
        (0.5, "0.5"),
        (10**30, "1" + "0" * 30),
        ({"marca": "Quest", "con_manos": True}, "Marca Quest Con manos Sí"),
        ([["a", "b"], {"c": [1]}], "a b C 1"),
    ],
)
def test_every_kind_of_answer_is_readable(browser, value, words):
    assert read(browser, {"pregunta": value}) == [("Pregunta", words)]


def test_the_lines_of_an_answer_stay(browser):
    survey = SurveyFactory(answers={"a": "uno\n  dos"})

    assert '<span class="survey-said">uno\n  dos</span>' in shown(browser, page_of(survey))


def test_deep_and_long_answers_are_shown_whole(browser):
    deep = "fondo"
    for _level in range(30):
        deep = {"dentro": [deep]}
    survey = SurveyFactory(answers={"a": deep, "b": list(range(9000))})

    page = shown(browser, page_of(survey))

    assert "fondo" in page
    assert ">8999<" in page


def test_a_pending_survey_says_what_it_will_ask(browser):
    survey = SurveyFactory(answers=None, questions=["¿Cómo te fue?", {"text": "¿Y la voz?"}])

    page = shown(browser, page_of(survey))

    assert "nadie ha respondido todavía" in page
    assert "<li>¿Cómo te fue?</li><li>¿Y la voz?</li>" in page


def test_a_survey_leads_to_its_session(browser):
    survey = SurveyFactory()

    page = shown(browser, page_of(survey))

    assert f"/admin/sessions_app/session/{survey.session_id}/change/" in page
    assert survey.session.session_code in page
    assert "Juan Pérez" in page


def test_a_survey_of_somebody_who_was_erased_is_shown(browser):
    survey = SurveyFactory()
    Participant.objects.all().delete()

    assert "Excelente" in shown(browser, page_of(survey))
    assert survey.session.session_code in shown(browser, LIST)


def test_nobody_changes_adds_or_deletes_answers(browser):
    survey = SurveyFactory()
    before = Survey.objects.values().get()
    changed = {"respuestas_json": "{}", "post": "yes"}

    for page in (f"{LIST}add/", page_of(survey), f"{LIST}{survey.pk}/delete/"):
        assert browser.post(page, changed).status_code == 403
    browser.post(
        LIST, {"action": "delete_selected", "_selected_action": [survey.pk], "post": "yes"}
    )

    assert Survey.objects.values().get() == before
    assert "<textarea" not in shown(browser, page_of(survey))


# The list


def rows_in(browser, query=""):
    return [survey.pk for survey in browser.get(f"{LIST}{query}").context["cl"].result_list]


def surveyed(nombre="Juan Pérez", answers=None, **session):
    participant = {"nombre": nombre, "email_opcional": None}
    return SurveyFactory(
        session=SessionFactory(participant=participant, **session), answers=answers or {"a": "b"}
    )


def test_the_list_says_whose_survey_it_is_the_newest_first(browser):
    older, newer = surveyed("Ana Quispe"), surveyed("Luis Ñahui")

    page = shown(browser, LIST)

    assert rows_in(browser) == [newer.pk, older.pk]
    for words in (
        "Ana Quispe",
        newer.session.session_code,
        newer.session.text_title,
        "Completada",
    ):
        assert words in page


def test_surveys_are_filtered_by_whether_they_were_answered(browser):
    answered, pending = SurveyFactory(), SurveyFactory(answers=None)

    assert rows_in(browser, "?completada=si") == [answered.pk]
    assert rows_in(browser, "?completada=no") == [pending.pk]


def test_surveys_are_filtered_by_day_text_and_state(browser):
    text = TextFactory()
    old = surveyed(text=text, estado=Estado.AUDIO_UPLOADED)
    new = surveyed(estado=Estado.SURVEY_PENDING)
    Survey.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    day = timezone.localdate() - timedelta(days=30)

    assert rows_in(browser, f"?created_at_desde={day}") == [new.pk]
    assert rows_in(browser, f"?created_at_hasta={day}") == [old.pk]
    assert rows_in(browser, f"?texto={text.pk}") == [old.pk]
    assert rows_in(browser, "?session__estado__exact=completed") == [new.pk]


@pytest.mark.parametrize("term", ["quispe", "Ana  QUISPE", "visor pesa", "EL VISOR", "%22a%22"])
def test_surveys_are_found_by_participant_and_by_what_was_said(browser, term):
    found = surveyed("Ana Quispe", {"a": "El visor pesa"})
    surveyed("Luis Torres", {"b": "Nada"})

    assert rows_in(browser, f"?q={term}") == [found.pk]


@pytest.mark.parametrize("term", ["quispe visor", "nadie-lo-dijo", "%25", "_"])
def test_words_that_no_survey_has_together_find_nothing(browser, term):
    surveyed("Ana Quispe", {"a": "El visor pesa"})

    assert rows_in(browser, f"?q={term}") == []


def test_a_code_finds_its_session_s_surveys_however_it_is_typed(browser):
    found = surveyed()
    surveyed(answers={"a": f"mi código: {found.session.session_code}"})
    code = found.session.session_code.upper()

    assert rows_in(browser, f"?q={code[:3]}+{code[3:]}") == [found.pk]


def test_only_the_newest_answers_that_the_filters_leave_are_searched(browser, monkeypatch):
    monkeypatch.setattr("surveys.searching.SURVEYS_READ", 1)
    text = TextFactory()
    old = surveyed(text=text, answers={"a": "visor"})
    new = surveyed(answers={"a": "visor"})

    assert SURVEYS_READ > 1
    assert rows_in(browser, "?q=visor") == [new.pk]
    assert rows_in(browser, f"?q=visor&texto={text.pk}") == [old.pk]


# Rights, the log and the cost


@pytest.mark.parametrize("page", ["", "add/", "{}/change/", "{}/delete/"])
def test_a_facilitator_sees_surveys_on_the_page_of_a_session_alone(browser_of, page):
    survey = SurveyFactory()

    answer = browser_of(FacilitatorFactory()).get(LIST + page.format(survey.pk))

    assert answer.status_code == 403


def test_who_looked_is_noted(browser):
    survey = SurveyFactory()
    shown(browser, page_of(survey))
    shown(browser, LIST)

    of_page, of_list = AccessRecord.objects.order_by("pk")
    assert (of_page.kind, of_page.session_number) == (AccessKind.VIEW, survey.session_id)
    assert of_list.kind == AccessKind.VIEW


def test_looking_changes_no_survey_and_no_session(browser):
    survey = SurveyFactory()
    before = Survey.objects.values().get()

    for page in (LIST, f"{LIST}?q=excelente", page_of(survey)):
        shown(browser, page)

    assert Survey.objects.values().get() == before


def test_a_script_is_shown_and_never_run(browser):
    survey = SurveyFactory(
        session=SessionFactory(participant={"nombre": SCRIPT}),
        questions=[{"id": SCRIPT, "texto": SCRIPT}],
        answers={SCRIPT: {SCRIPT: [SCRIPT]}, "a": SCRIPT},
    )
    pending = SurveyFactory(answers=None, questions=[SCRIPT, {SCRIPT: SCRIPT}])

    for page in (LIST, page_of(survey), page_of(pending)):
        assert "<script>alert" not in shown(browser, page)


@pytest.mark.parametrize("page", [LIST, f"{LIST}?q=excelente", "change"])
def test_a_page_takes_as_many_queries_however_many_surveys_there_are(browser, page):
    survey = SurveyFactory()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            shown(browser, page_of(survey) if page == "change" else page)
        return len(captured)

    queries()  # what the first request of a process caches
    of_one = queries()
    SurveyFactory.create_batch(4)

    assert queries() == of_one <= QUERIES

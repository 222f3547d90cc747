"""The survey that a facilitator fills in for a participant, in the back office."""

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from sessions_app.actors import SYSTEM
from sessions_app.choices import ActorKind, Estado
from sessions_app.tests.factories import SessionFactory
from surveys.forms import MOST_QUESTIONS
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('ñ')</script>"
QUERIES = 9
# The first choice of each of the contract's questions, and a text.
FIRST = {"q0": "0", "q1": "0", "q2": "0", "q3": "0", "q4": "Más textos"}
FIRST_ANSWERS = {
    "experiencia_general": "excelente",
    "facilidad_uso": "muy_facil",
    "utilidad_entrenamiento": "muy_util",
    "volveria_usar": "si",
    "mejoras_sugeridas": "Más textos",
}


@pytest.fixture
def session(facilitator):
    return SessionFactory(user=facilitator, estado=Estado.SURVEY_PENDING)


@pytest.fixture
def browser(browser_of, facilitator):
    return browser_of(facilitator)


def page_of(session):
    return f"/admin/surveys/survey/answer/{session.pk}/"


def shown(browser, session):
    answer = browser.get(page_of(session))
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def filled_in(browser, session, **given):
    """Sends the form as it is shown, with that in it."""
    asked = re.search(r'name="asked" value="(\w+)"', shown(browser, session))
    return browser.post(page_of(session), {"asked": asked[1] if asked else "", **given})


def state_of(session):
    session.refresh_from_db()
    return session.estado


def answers_of(session):
    return [survey.respuestas_json for survey in session.surveys.completed()]


def test_the_questions_of_the_contract_are_answered_and_the_session_is_completed(
    browser, session, facilitator
):
    answer = filled_in(browser, session, **FIRST)

    (survey,) = session.surveys.all()
    assert answer["Location"] == f"/admin/sessions_app/session/{session.pk}/change/#encuestas"
    assert list(survey.respuestas_json.items()) == list(FIRST_ANSWERS.items())
    assert (survey.is_completed, survey.user) == (True, facilitator)
    assert state_of(session) == Estado.COMPLETED
    event = session.events.last()
    assert (event.actor_kind, event.user) == (ActorKind.USER, facilitator)


def test_the_form_offers_the_scales_of_the_contract_in_words(browser, session):
    page = shown(browser, session)

    for words in ("Excelente", "Muy fácil", "Muy útil", "Tal vez", "¿Qué mejoraría?"):
        assert words in page


def test_a_survey_before_its_turn_is_stored_and_the_session_stays_where_it_is(browser, facilitator):
    session = SessionFactory(user=facilitator, estado=Estado.AUDIO_UPLOADED)

    filled_in(browser, session, **FIRST)

    assert answers_of(session) == [FIRST_ANSWERS]
    assert state_of(session) == Estado.AUDIO_UPLOADED


def test_suggestions_may_be_left_out_and_their_key_stays(browser, session):
    filled_in(browser, session, **{**FIRST, "q4": ""})

    assert answers_of(session) == [{**FIRST_ANSWERS, "mejoras_sugeridas": ""}]


def test_a_form_that_is_half_filled_in_comes_back_with_what_was_answered(browser, session):
    answer = filled_in(browser, session, q0="2", q4="Ya escrito")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("Falta esta respuesta.") == 3
    assert "No se ha guardado nada" in page
    assert "Ya escrito" in page
    assert re.search(r'name="q0" value="2"[^>]*checked', page)
    assert not Survey.objects.exists()
    assert state_of(session) == Estado.SURVEY_PENDING


@pytest.mark.parametrize(
    "wrong", [{"q0": "9"}, {"q0": "excelente"}, {"q4": "a\x00b"}, {"q4": "ñ" * 40_000}]
)
def test_what_the_form_does_not_offer_or_is_too_long_is_refused(browser, session, wrong):
    answer = filled_in(browser, session, **{**FIRST, **wrong})

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not Survey.objects.exists()


# A pending survey's own questions


def pending(session, *questions):
    return SurveyFactory(session=session, answers=None, questions=list(questions))


def test_a_pending_survey_s_own_questions_are_asked_and_it_is_the_one_that_is_completed(
    browser, session
):
    survey = pending(
        session,
        {"id": "animo", "pregunta": "¿Cómo te sentiste?", "opciones": ["Bien", {"valor": 7}]},
        {"id": "nota", "pregunta": "¿Cuánto?", "tipo": "escala", "min": 0, "max": 10},
        {"id": "gusto", "texto": "¿Qué te gustó?", "tipo": "multiple", "opciones": ["A", "B", "C"]},
        {"id": "otra", "texto": "¿Otra vez?", "tipo": "boolean"},
        {"id": "veces", "texto": "¿Cuántas veces?", "tipo": "numero", "min": 1},
        "¿Algo más?",
    )

    answer = filled_in(
        browser, session, q0="1", q1="10", q2=["0", "2"], q3="1", q4="3", q5=" Gracias "
    )

    assert answer.status_code == 302
    assert Survey.objects.get() == survey
    assert answers_of(session) == [
        {
            "animo": 7,
            "nota": 10,
            "gusto": ["A", "C"],
            "otra": False,
            "veces": 3,
            "¿Algo más?": "Gracias",
        }
    ]
    assert state_of(session) == Estado.COMPLETED


@pytest.mark.parametrize(
    "question, given, answer",
    [
        ("facilidad_uso", "4", "muy_dificil"),
        ({"key": "volveria_usar"}, "2", "no"),
        ({"texto": "¿Sí?", "opciones": ["a"], "obligatoria": False}, "", None),
        ({"texto": "¿Cuánto?", "tipo": "rating", "max": 100}, "2.5", 2.5),
        ({"texto": "¿Cuánto?", "tipo": "escala", "min": "x"}, "1", 1),
        ({"texto": "¿Muchas?", "opciones": list(range(30))}, "29", 29),
        ({"sin": "nada"}, "algo", "algo"),
        (["en", "lista"], "algo", "algo"),
        (None, "algo", "algo"),
        (7, "algo", "algo"),
        ("", "algo", "algo"),
    ],
)
def test_a_question_of_any_shape_can_be_answered(browser, session, question, given, answer):
    pending(session, question)

    assert filled_in(browser, session, q0=given).status_code == 302
    assert [list(answers.values()) for answers in answers_of(session)] == [[answer]]


@pytest.mark.parametrize(
    "question",
    [
        {"texto": "¿Qué?", "obligatoria": True},
        {"texto": "¿Qué?", "opciones": ["a", "b"]},
        {"texto": "¿Qué?", "opciones": ["a", "b"], "multiple": True, "required": True},
        {"texto": "¿Qué?", "tipo": "numero", "required": True},
    ],
)
def test_an_answer_that_is_needed_may_not_be_missing(browser, session, question):
    pending(session, question)

    assert "Falta esta respuesta." in filled_in(browser, session).content.decode()
    assert answers_of(session) == []


def test_questions_of_the_same_name_take_no_answer_from_each_other(browser, session):
    pending(session, "¿Qué?", "¿Qué?")

    filled_in(browser, session, q0="uno", q1="dos")

    assert answers_of(session) == [{"¿Qué?": "uno", "¿Qué? (2)": "dos"}]


def test_answers_to_questions_that_have_changed_since_are_not_taken_for_others(browser, session):
    survey = pending(session, "¿Cómo te fue?")
    shown_before = re.search(r'name="asked" value="(\w+)"', shown(browser, session))[1]
    survey.change(by=SYSTEM, answers=None, questions=["¿Qué edad tienes?"])

    answer = browser.post(page_of(session), {"asked": shown_before, "q0": "Muy bien"})

    assert "Las preguntas cambiaron" in html.unescape(answer.content.decode())
    assert answers_of(session) == []
    assert filled_in(browser, session, q0="30").status_code == 302


def test_a_survey_of_too_many_questions_is_left_to_the_application(browser, session):
    pending(session, *map(str, range(MOST_QUESTIONS + 1)))

    assert "demasiadas preguntas" in shown(browser, session)
    assert filled_in(browser, session, q0="a").status_code == 200
    assert answers_of(session) == []


def test_questions_with_a_script_are_shown_and_never_run(browser, session):
    pending(session, SCRIPT, {"id": SCRIPT, "texto": SCRIPT, "opciones": [SCRIPT]})

    answer = browser.get(page_of(session))

    assert "<script>alert" not in answer.content.decode()
    assert SCRIPT in html.unescape(answer.content.decode())


# When it is awaited, and by whom


@pytest.mark.parametrize(
    "estado", [Estado.CREATED, Estado.READY_TO_START, Estado.RUNNING, Estado.COMPLETED]
)
def test_a_session_that_awaits_no_survey_offers_and_takes_none(browser, facilitator, estado):
    session = SessionFactory(user=facilitator, estado=estado)

    assert "no espera ninguna encuesta" in shown(browser, session)
    browser.post(page_of(session), FIRST)

    assert not Survey.objects.exists()
    assert state_of(session) == estado


def test_a_session_that_has_answers_takes_no_others(browser, facilitator):
    session = SessionFactory(user=facilitator, estado=Estado.AUDIO_UPLOADED)
    SurveyFactory(session=session)

    assert "no espera ninguna encuesta" in shown(browser, session)
    browser.post(page_of(session), FIRST)

    assert Survey.objects.count() == 1


def test_the_form_sent_twice_makes_one_survey(browser, session):
    asked = re.search(r'name="asked" value="(\w+)"', shown(browser, session))[1]

    answers = [browser.post(page_of(session), {"asked": asked, **FIRST}) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 200]
    assert "no espera ninguna encuesta" in html.unescape(answers[1].content.decode())
    assert Survey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_forms_that_are_sent_at_the_same_moment_one_makes_a_survey(facilitator, session):
    browser = Client()
    browser.force_login(facilitator, backend="accounts.backends.RoleBackend")
    asked = re.search(r'name="asked" value="(\w+)"', shown(browser, session))[1]

    def send(_number):
        sender = Client()
        sender.cookies = browser.cookies
        try:
            return sender.post(page_of(session), {"asked": asked, **FIRST})["Location"]
        except KeyError:  # shown again, without a form
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        led_to = list(pool.map(send, range(4)))

    assert sum(address.endswith("#encuestas") for address in led_to) == 1
    assert Survey.objects.count() == 1
    assert session.events.filter(to_estado=Estado.COMPLETED).count() == 1


def test_a_facilitator_fills_in_surveys_of_own_sessions_alone(browser):
    session = SessionFactory(estado=Estado.SURVEY_PENDING)

    assert browser.get(page_of(session)).status_code == 404
    assert browser.post(page_of(session), FIRST).status_code == 404
    assert not Survey.objects.exists()


def test_an_analyst_fills_in_surveys_of_all_sessions(browser_of, session):
    filled_in(browser_of(AnalystFactory()), session, **FIRST)

    assert answers_of(session) == [FIRST_ANSWERS]


@pytest.mark.parametrize("number", ["0", "9" * 40, "x", "-1", "1.5"])
def test_a_session_that_is_not_there_is_404(browser, number):
    assert browser.get(f"/admin/surveys/survey/answer/{number}/").status_code == 404


def test_nobody_is_sent_to_the_login(client, session):
    answer = client.post(page_of(session), FIRST)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def test_a_form_from_another_site_is_refused(facilitator, session):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(facilitator, backend="accounts.backends.RoleBackend")

    assert browser.post(page_of(session), FIRST).status_code == 403
    assert not Survey.objects.exists()


def test_looking_at_the_form_changes_nothing(browser, session):
    pending(session, "¿Qué?")

    shown(browser, session)

    assert answers_of(session) == []
    assert state_of(session) == Estado.SURVEY_PENDING


# On the session's page


def panel_of(browser, session):
    page = browser.get(f"/admin/sessions_app/session/{session.pk}/change/")
    assert page.status_code == 200
    return html.unescape(page.content.decode().partition('id="encuestas"')[2])


@pytest.mark.parametrize("make_user", [FacilitatorFactory, AnalystFactory])
def test_a_session_s_page_has_the_form_or_the_answers(browser_of, make_user):
    user = make_user()
    browser, session = browser_of(user), SessionFactory(user=user, estado=Estado.SURVEY_PENDING)

    before = panel_of(browser, session)
    filled_in(browser, session, **FIRST)
    after = panel_of(browser, session)

    assert f'action="{page_of(session)}"' in before
    assert page_of(session) not in after
    assert "Muy fácil" in after


def test_a_session_s_page_shows_the_newest_ten_surveys_in_one_query(browser, session):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            panel_of(browser, session)
        return len(captured)

    SurveyFactory(session=session, answers={"n": "encuesta 0"})
    queries()  # what the first request of a process caches
    of_one = queries()
    for number in range(1, 12):
        SurveyFactory(session=session, answers={"n": f"encuesta {number}"})

    assert queries() == of_one
    shown_now = re.findall(r"encuesta (\d+)<", panel_of(browser, session))
    assert shown_now == [str(number) for number in range(2, 12)]


def test_a_script_in_an_answer_does_not_run_on_the_session_s_page(browser, session):
    SurveyFactory(session=session, questions=[SCRIPT], answers={SCRIPT: SCRIPT})

    page = browser.get(f"/admin/sessions_app/session/{session.pk}/change/").content.decode()

    assert "<script>alert" not in page

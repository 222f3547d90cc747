"""What answers and their questions say of who gave them, and what an export leaves of it."""

import itertools
import json
import re
import signal

import pytest

from dataset.tests.archives import export, rows, text_of
from dataset.tests.participants import take_of
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

CODE = "acd34efgh"
OTHER_NUMBERS = "97 minutos, 97%, 97/100, 2,97, 97.000, 97 de mayo, 97 palabras, 97 €"


@pytest.mark.parametrize(
    ("answer", "blotted"),
    [
        ("Soy JUANA ÑAHUI, escríbeme a juana@example.com", "Soy […], escríbeme a […]"),
        ("soy juana  \nnahui.", "soy […]."),
        ("Jua\u0301na Ju\u200bana", "[…]"),
        ("Juana dijo que sí", "[…] dijo que sí"),
        ("_juana@example.com_ o Juana_Ñahui", "[…] o […]"),
        ("de otra@example.org", "de […]"),
        (f"{CODE}__5.wav de session_{CODE.upper()}", "[…]__5.wav de session_[…]"),
        ("ACD-34e-fgh, a c d 3 4 e f g h", "[…], […]"),
        ("antes usé fmxxeedw7 y pertenece", "antes usé […] y pertenece"),
        (OTHER_NUMBERS, OTHER_NUMBERS),
        ("tengo 97años (97), 97.0", "tengo […]años ([…]), […]"),
        ("noventa  y siete, Noventa y siéte", "[…], […]"),
        ("Ｊｕａｎａ, JuanaÑahui y ñáhuijuana", "[…], […] y […]"),
        ("de o'brien@example.org y juana＠example.com", "de […] y […]"),
        ("¿qué tal, señor? 1997, noventa", "¿qué tal, señor? 1997, noventa"),
        ("La señora Juanita Ñahuiraqui, 1975, 197", "La señora Juanita Ñahuiraqui, 1975, 197"),
        (["juana", {"b": "Ñahui"}], ["[…]", {"b": "[…]"}]),
        ("97", "97"),
        (97, 97),
        (None, None),
    ],
)
def test_answers_do_not_say_who_gave_them(as_analyst, answer, blotted):
    session = take_of().session
    type(session).objects.filter(pk=session.pk).update(session_code=CODE)
    SurveyFactory(session=session, answers={"a": [answer]})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert json.loads(row["a"]) == [blotted]


@pytest.mark.parametrize(
    ("name", "spelt"),
    [("Łukasz Strauß", "lukasz y STRAUSS y Strauß"), ("Søren Ærø", "soren y Aero, SØREN")],
)
def test_a_name_is_found_in_letters_that_others_write_for_it(as_analyst, name, spelt):
    SurveyFactory(session=take_of(name=name).session, answers={"a": spelt})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert re.sub(r"\W|y", "", row["a"].replace("[…]", "")) == ""


@pytest.mark.parametrize(
    "question",
    [
        "edad",
        "Tu edad:",
        "age",
        "edadParticipante",
        "fecha de nacimiento",
        "cuantos_anos_tienes",
        "¿Cuántos años tienes?",
        "anios",
        "How old are you?",
        "nombre",
        "¿Cuál es tu correo?",
        "Nombre del participante",
        "participant_name",
        "Por favor, escribe tu nombre (opcional)",
    ],
)
@pytest.mark.parametrize("answer", [97, "el 97", {"valor": 97}, [{"v": "97"}]])
def test_a_question_that_asks_who_answers_has_no_answer_in_an_export(as_analyst, question, answer):
    SurveyFactory(session=take_of().session, answers={question: answer, "imagen": 97})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert "97" not in row[question]
    assert (row[question].count("[…]"), row["imagen"]) == (1, "97")


def test_a_question_is_known_where_an_answer_names_it_beside_itself(as_analyst):
    answers = [
        {"pregunta": "¿Qué edad tienes?", "respuesta": 97},
        {"key": "nombre", "value": "Juanita"},
        {"id": 97, "label": "Comodidad", "value": 3},
        {"name": "edad", "value": 97},
        {"name": "opinion", "value": "buena"},
        ["edad", 97],
        {"id": "q7", "pregunta": "¿Qué edad tienes?", "respuesta": 97, "comodidad": 97},
        {"edad": {"label": "97", "value": 97}},
    ]
    SurveyFactory(session=take_of().session, answers={"respuestas": answers})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert json.loads(row["respuestas"]) == [
        {"pregunta": "¿Qué edad tienes?", "respuesta": "[…]"},
        {"key": "nombre", "value": "[…]"},
        {"id": 97, "label": "Comodidad", "value": 3},
        {"name": "edad", "value": "[…]"},
        {"name": "opinion", "value": "buena"},
        ["edad", "[…]"],
        {"id": "q7", "pregunta": "¿Qué edad tienes?", "respuesta": "[…]", "comodidad": 97},
        {"edad": {"label": "[…]", "value": "[…]"}},
    ]


def test_what_looks_like_a_question_and_its_answer_at_the_top_is_answers(as_analyst):
    answers = {"nombre": "Juanita", "texto": "Para cualquier edad", "respuesta": 5}
    SurveyFactory(session=take_of().session, answers=answers)

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert [row[key] for key in answers] == ["[…]", "Para cualquier edad", "5"]


@pytest.mark.parametrize(
    "questions",
    [
        ["¿Te gustó?", "¿Qué edad tienes?"],
        [{"id": "q2", "texto": "¿Qué edad tienes?"}, {"id": "q1", "texto": "¿Te gustó?"}],
        [{"texto": {"es": "Edad"}, "key": "q2", "tipo": "rango"}, {"key": "q1"}],
        [{"texto": "¿Cuál es tu nombre?", "id": "q2"}],
    ],
)
def test_a_question_is_known_by_what_the_survey_asked(as_analyst, questions):
    answers = {"q1": 97, "q2": 97}
    SurveyFactory(session=take_of().session, questions=questions, answers=answers)

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert (row["q1"], row["q2"]) == ("97", "[…]")


def test_a_number_in_words_does_not_answer_a_question_for_the_age(as_analyst):
    SurveyFactory(session=take_of(age=None).session, answers={"edad": "veintidós", "b": "veinte"})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert (row["edad"], row["b"]) == ("[…]", "veinte")


def test_a_person_is_known_by_the_names_given_in_other_sessions_as_well(as_analyst):
    take_of(name="Juana Ñahui")
    for name in ("JUANA ÑAHUI", "juana ñahui", "Juana", "JUANA", "juana"):
        take_of(name=name)
    again = take_of(name="Juani", email="JUANA@example.com").session
    SurveyFactory(session=again, answers={"a": "Juani, o Juana Ñahui", "Ñahui opina": 1})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert (row["a"], row["[…] opina"]) == ("[…], o […]", "1")


@pytest.mark.parametrize("apart", [True, False])
def test_no_answer_holds_a_code_of_another_session(as_analyst, apart):
    other = SessionFactory()
    type(other).objects.filter(pk=other.pk).update(session_code="permanece" if apart else CODE)
    SurveyFactory(session=take_of().session, answers={"a": f"permanece en {CODE}"})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert row["a"] == ("[…] en […]" if apart else "permanece en […]")


@pytest.mark.parametrize(
    ("age", "spelt"),
    [
        (21, "veintiún"),
        (21, "veintiuno"),
        (31, "treinta y una"),
        (25, "veinte y cinco"),
        (100, "cien"),
        (105, "ciento cinco"),
    ],
)
def test_an_age_is_found_however_it_is_spelt(as_analyst, age, spelt):
    SurveyFactory(session=take_of(age=age).session, answers={"a": f"Tengo {spelt} años"})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert row["a"] == "Tengo […] años"


@pytest.mark.parametrize(
    ("name", "answer", "blotted"),
    [
        ("Li Xiaoming", "Me llamo Li", "Me llamo […]"),
        ("Kate O'Connor", "soy OConnor", "soy […]"),
        ("X Y", "de x.y.", "de […]."),
        ("José de la Fe", "la fe de José", "la fe de […]"),
    ],
)
def test_short_and_parted_names_are_found(as_analyst, name, answer, blotted):
    SurveyFactory(session=take_of(name=name).session, answers={"a": answer})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert row["a"] == blotted


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("¿La aplicación cumple tus expectativas?", "5"),
        ("¿Hace cuántos años de tu última charla?", "5"),
        ("¿La recomendarías a gente de tu edad?", "sí"),
        ("¿Qué nombre le pondrías a la aplicación?", "Voz"),
        ("nombre_del_texto", "La Tiranía"),
        ("correo_util", "sí"),
        ("rango_edad", "95-104"),
    ],
)
def test_the_answer_to_an_ordinary_question_stays(as_analyst, question, answer):
    SurveyFactory(session=take_of().session, answers={question: answer})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert row[question] == answer


def test_a_question_that_everybody_is_asked_does_not_change_for_whom_it_seems_to_name(as_analyst):
    questions = {"¿Se veía la luz?": 1, "q97": 2, "matriz": [{"luz": 3}]}
    for name in ("Luz", "Juana", "Luz"):
        participant = take_of(name=name, email=f"{name}@example.com").session
        SurveyFactory(session=participant, answers=questions)

    found = rows(export(as_analyst), "surveys.csv")

    for row in found:
        assert [row[question] for question in questions] == ["1", "2", '[{"luz": 3}]']


@pytest.fixture
def _half_a_minute():
    """Ends a test that takes far longer than it does where time grows with the length alone."""

    def give_up(_signal, _frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("_half_a_minute")
def test_no_survey_holds_up_the_server_however_long_its_answers(as_analyst):
    session = take_of(name="aaa aaaa").session
    codes = ["".join(letters) for letters in itertools.product("acde", repeat=6)]
    texts = [
        "b" * 300_000 + " @",
        "aaa" * 100_000 + "b",
        "b@" * 150_000,
        "x@" + "b." * 150_000,
        " ".join(f"{code}347" for code in codes),
    ]
    answers = [{"a": text} for text in texts]
    answers.append({f"{number}@e.co": 1 for number in range(4_000)})
    for given in answers:
        questions = [{"id": key, "texto": "¿?"} for key in list(given)[:1_500]]
        SurveyFactory(session=session, questions=questions, answers=given)

    manifest = json.loads(export(as_analyst).read("manifest.json"))

    assert manifest["counts"]["surveys"] == len(answers)


def test_a_question_does_not_say_who_was_asked_and_hides_no_other(as_analyst):
    answers = {"Juana": "uno", "ñahui": "dos", "a juana@example.com": "tres"}
    SurveyFactory(session=take_of().session, answers=answers)

    archive = export(as_analyst)

    (row,) = rows(archive, "surveys.csv")
    assert list(row.values())[-3:] == ["uno", "dos", "tres"]
    assert list(row)[-3:] == ["[…]", "[…] (2)", "a […]"]
    assert "juana" not in text_of(archive).lower()


@pytest.mark.parametrize("name", ["a", "5", "Li"])
def test_a_short_name_takes_no_words_out_of_answers(as_analyst, name):
    SurveyFactory(session=take_of(name=name).session, answers={"a": "5 libros a leer, Li"})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert row["a"] == "5 libros a leer, Li".replace("Li", "[…]" if name == "Li" else "Li")


def test_the_parts_of_a_long_name_are_taken_out_and_its_particles_are_not(as_analyst):
    session = take_of(name="María del Carmen de la Cruz").session
    SurveyFactory(session=session, answers={"a": "la cruz del carmen, maria"})

    (row,) = rows(export(as_analyst), "surveys.csv")

    assert row["a"] == "la […] del […], […]"

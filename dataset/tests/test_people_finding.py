"""Who is found when a person calls, by what they can say of themselves."""

import logging
import unicodedata

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory
from dataset.tests.people import EMAIL, NAME, PEOPLE, offered_in, search, session_of
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


@pytest.mark.parametrize("spelt", [str, str.upper, str.lower, "  {}  ".format])
def test_an_email_finds_all_of_a_persons_sessions_marked(browser, spelt):
    first, second = session_of(), session_of(name="J. Ñ.", email=EMAIL.lower())
    other = session_of(name="Luis Ramos", email="luis@example.com")

    offered = offered_in(search(browser, spelt(EMAIL)))

    assert offered == {first.pk: True, second.pk: True}
    assert other.pk not in offered


@pytest.mark.parametrize(
    "typed", [str, str.upper, lambda code: f" {code[:3]} {code[3:6]}-{code[6:]} "]
)
def test_a_code_finds_its_session_and_the_others_of_the_same_email(browser, typed):
    session, other = session_of(), session_of()

    assert offered_in(search(browser, typed(session.session_code))) == {
        session.pk: True,
        other.pk: True,
    }


def test_a_code_marks_no_session_of_the_same_name_without_an_email(browser):
    session, same_name = session_of(email=None), session_of(email=None)

    assert offered_in(search(browser, session.session_code)) == {
        session.pk: True,
        same_name.pk: False,
    }


@pytest.mark.parametrize(
    "typed", ["juana", "NAHUI", "ñahui quispe", "quispe juana", "ahu", "Ñahui", "nahuí"]
)
def test_a_part_of_a_name_finds_it_with_or_without_accents(browser, typed):
    session = session_of()

    assert offered_in(search(browser, typed)) == {session.pk: True}


def test_a_name_is_found_that_was_typed_with_accents_of_their_own(browser):
    session = session_of(name=unicodedata.normalize("NFD", "José Núñez"))

    assert offered_in(search(browser, "jose nuñez")) == {session.pk: True}


@pytest.mark.parametrize(
    "other", ["Juana Ñahui", "juana nahui quispe", "Juana Nahuy", "Juana Ñahui Quispe Mamani"]
)
@pytest.mark.parametrize("email", [None, "otra@example.com"])
def test_the_same_or_a_similar_name_without_the_email_is_offered_unmarked(browser, other, email):
    session, similar = session_of(), session_of(name=other, email=email)

    assert offered_in(search(browser, EMAIL)) == {session.pk: True, similar.pk: False}


@pytest.mark.parametrize("other", ["Luis Quispe", "Juana Ramos", "Rosa"])
def test_another_name_is_not_offered(browser, other):
    session = session_of()
    session_of(name=other, email=None)

    assert offered_in(search(browser, EMAIL)) == {session.pk: True}


def test_of_several_without_an_email_none_is_marked(browser):
    sessions = [session_of(email=None) for _number in range(2)]

    assert offered_in(search(browser, NAME)) == {session.pk: False for session in sessions}


@pytest.mark.parametrize(
    "typed", ["%%", "__", "J%a", "J_ana", ".*", "(((", "[a-z]+", "\\d", "Ju|Lu"]
)
def test_signs_that_mean_something_to_a_database_mean_themselves(browser, typed):
    session_of()

    assert offered_in(search(browser, typed)) == {}

    strange = session_of(name=f"Ana {typed}", email=None)
    assert offered_in(search(browser, typed)) == {strange.pk: True}


@pytest.mark.parametrize(
    "typed",
    [
        "' OR 1=1 --",
        "\\",
        "ñ 😀",
        "9" * 254,
        "a " * 120,
        "@",
        "@@",
        "<script>",
        "a",
        "",
        "\0ab",
        "e" * 5000,
    ],
)
def test_no_search_is_an_error(browser, typed):
    session_of()

    search(browser, typed)


def test_a_script_in_a_name_is_shown_and_never_run(browser):
    session_of(name="<script>alert(1)</script>", title="<script>alert(2)</script>")

    page = search(browser, "script").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_is_shown_of_each_session(browser):
    recording = RecordingFactory(session=session_of())
    RecordingFactory(session=recording.session)

    page = search(browser, EMAIL).content.decode()

    for shown in (NAME, EMAIL, "34 años", recording.session.text_title, "Creada", "2 tomas"):
        assert shown in page


def test_a_session_without_a_participants_data_is_found_by_its_code(browser):
    session = session_of()
    Participant.objects.all().delete()

    answer = search(browser, session.session_code)

    assert offered_in(answer) == {session.pk: True}
    assert "Sin datos" in answer.content.decode()


def test_too_many_are_not_all_shown_and_it_is_said(browser):
    for number in range(15):
        session_of(name="Ana", email=f"ana{number}@example.com")

    answer = search(browser, "ana")

    assert "demasiadas coincidencias" in answer.content.decode()
    assert len({number for number, marked in offered_in(answer).items() if marked}) == 12


def test_nobody_found_is_said_with_what_to_do(browser):
    assert "No se encontró a nadie" in search(browser, "nadie").content.decode()


def test_a_search_is_noted_without_what_was_typed(browser):
    session = session_of()

    search(browser, EMAIL)

    record = AccessRecord.objects.get()
    assert record.details == {"page": "una persona llama", "shown": [session.pk]}


def test_what_is_typed_is_in_no_address_and_no_log(browser, caplog):
    session_of()

    with caplog.at_level(logging.DEBUG):
        answer = search(browser, "Juana Ñahui")

    page = answer.content.decode()
    assert 'method="post" role="search"' in page
    assert "Ñahui" not in caplog.text.replace("%C3%91", "Ñ")
    assert not [word for word in page.split() if word.startswith("href") and "ahui" in word]


def test_a_search_in_an_address_searches_nothing(browser):
    session = session_of()

    assert session.session_code not in browser.get(f"{PEOPLE}?q=Juana").content.decode()
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("typed", [EMAIL, NAME, "code"])
def test_a_search_takes_few_queries_however_many_it_finds(browser, typed):
    def queries():
        wanted = session.session_code if typed == "code" else typed
        with CaptureQueriesContext(connection) as captured:
            search(browser, wanted)
        return len(captured)

    session = session_of()
    session_of(name="Juana Nahui", email=None)
    queries()  # what the first request of a process caches
    of_few = queries()
    for _number in range(4):
        session_of()
        session_of(name="Juana Nahui", email=None)

    assert queries() == of_few < 10

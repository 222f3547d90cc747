"""How many queries a call may take."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from recordings.tests.factories import RecordingFactory
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from toastclub.tests.calls import API
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db


def queries_of(client, path, **query):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"{API}{path}", query)
        answer.getvalue()  # a streamed answer asks while it is read
    assert answer.status_code == 200, answer.content
    return len(queries)


def test_a_session_by_its_code_takes_two_queries_at_most(nobody):
    session = SurveyFactory(session=RecordingFactory().session).session

    assert 1 <= queries_of(nobody, f"/sessions/by-code/{session.session_code}") <= 2


def test_a_session_by_its_id_with_a_token_takes_three_queries_at_most(as_facilitator):
    session = SurveyFactory(session=RecordingFactory().session).session

    assert queries_of(as_facilitator, f"/sessions/{session.pk}") <= 3


def test_a_session_by_its_id_for_its_headset_takes_three_queries_at_most(headset_of):
    session = SurveyFactory(session=RecordingFactory().session).session

    assert queries_of(headset_of(session), f"/sessions/{session.pk}") <= 3


def test_a_session_that_is_read_again_takes_no_query_for_its_pages(headset_of):
    session = SurveyFactory(session=RecordingFactory().session).session
    headset = headset_of(session)
    first = headset.get(f"/api/v1/sessions/{session.pk}").json()

    assert queries_of(headset, f"/sessions/{session.pk}") <= 2
    assert headset.get(f"/api/v1/sessions/{session.pk}").json() == first


@pytest.mark.parametrize("query", [{}, {"tema": "ética"}, {"tema": "ética", "tono": "crítico"}])
def test_the_list_of_texts_takes_one_query(nobody, query):
    for _number in range(3):
        TextFactory(tags={"tema": "ética", "tono": "crítico"})

    assert queries_of(nobody, "/texts", **query) == 1


def test_a_text_takes_one_query(nobody):
    assert queries_of(nobody, f"/texts/{TextFactory().pk}") == 1


def test_the_index_of_tags_takes_one_query(nobody):
    TextFactory()

    assert queries_of(nobody, "/texts/tags") == 1


def full_session():
    session = SessionFactory()
    RecordingFactory(session=session)
    SurveyFactory(session=session)


GROWING = {
    "/sessions": full_session,
    "/recordings": RecordingFactory,
    "/surveys": SurveyFactory,
    "/users": UserFactory,
    "/admin/users": UserFactory,
    "/dataset": full_session,
    "/texts": TextFactory,
    "/texts/tags": TextFactory,
}


@pytest.mark.parametrize("path", GROWING)
def test_a_list_takes_as_many_queries_for_five_as_for_one(as_analyst, path):
    GROWING[path]()
    for_one = queries_of(as_analyst, path)
    for _number in range(4):
        GROWING[path]()

    assert queries_of(as_analyst, path) == for_one


def test_the_surveys_of_a_session_take_as_many_queries_for_five_as_for_one(as_analyst):
    session = SurveyFactory().session
    for_one = queries_of(as_analyst, f"/sessions/{session.pk}/survey")
    for _number in range(4):
        SurveyFactory(session=session)

    assert queries_of(as_analyst, f"/sessions/{session.pk}/survey") == for_one

import pytest

from recordings.tests.factories import RecordingFactory
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory
from toastclub.compiled import CompiledQuery

pytestmark = pytest.mark.django_db


def details(number):
    return Session.objects.with_details().filter(pk=number).order_by()


def fields_of(instance):
    return {name: value for name, value in vars(instance).items() if name != "_state"}


def test_a_compiled_query_finds_what_the_orm_finds():
    session = RecordingFactory().session
    expected = details(session.pk).get()

    found = CompiledQuery(details, sample=0).first(session.pk)

    assert fields_of(found) == fields_of(expected)
    assert found.recording_id is not None


def test_related_rows_come_with_it(django_assert_num_queries):
    session = SessionFactory()
    query = CompiledQuery(details, sample=0)

    with django_assert_num_queries(1):
        assert query.first(session.pk).participant.nombre == "Juan Pérez"


def test_a_related_row_that_is_gone_is_not_there():
    session = SessionFactory()
    Participant.objects.all().delete()

    found = CompiledQuery(details, sample=0).first(session.pk)

    assert not hasattr(found, "participant")


def test_the_same_query_serves_every_value():
    query = CompiledQuery(details, sample=0)
    sessions = [SessionFactory(), SessionFactory()]

    assert [query.first(session.pk) for session in sessions] == sessions


@pytest.mark.parametrize("value", [0, None])
def test_what_is_not_there_is_none(value):
    SessionFactory()

    assert CompiledQuery(details, sample=0).first(value) is None


def test_an_instance_of_it_can_be_saved():
    session = CompiledQuery(details, sample=0).first(SessionFactory().pk)

    session.title = "Otro título"
    session.save(update_fields=["title"])

    assert Session.objects.get().title == "Otro título"


def test_a_query_with_another_parameter_is_refused():
    query = CompiledQuery(lambda number: details(number).filter(title="x"), sample=0)

    with pytest.raises(ValueError, match="one parameter"):
        query.first(1)

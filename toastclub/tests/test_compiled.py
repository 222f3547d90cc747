import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory
from toastclub.compiled import CompiledPair, CompiledQuery

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


def user_and_details():
    users = CompiledQuery(lambda number: User.objects.filter(pk=number).order_by(), sample=0)
    return CompiledPair(users, CompiledQuery(details, sample=0))


def test_a_pair_finds_what_each_query_finds_in_one(django_assert_num_queries):
    user, session = UserFactory(), RecordingFactory().session
    pair = user_and_details()

    with django_assert_num_queries(1):
        found_user, found_session = pair.first(user.pk, session.pk)

    assert fields_of(found_user) == fields_of(User.objects.get(pk=user.pk))
    assert fields_of(found_session) == fields_of(details(session.pk).get())


@pytest.mark.parametrize("number", [0, None])
def test_a_pair_without_its_second_row_still_has_the_first(number):
    user = UserFactory()
    SessionFactory()

    assert user_and_details().first(user.pk, number) == (user, None)


@pytest.mark.parametrize("number", [0, None])
def test_a_pair_without_its_first_row_has_neither(number):
    session = SessionFactory()

    assert user_and_details().first(number, session.pk) == (None, None)

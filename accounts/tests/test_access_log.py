"""The log of who saw or took what: rows come to it, and none of them ever changes."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, NotSupportedError, connection

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory

pytestmark = pytest.mark.django_db

LOG = "/admin/accounts/accessrecord/"


def note(kind=AccessKind.URL, *, by=None, address="203.0.113.7", **what):
    return AccessRecord.objects.note(kind, by=by, address=address, **what)


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


def save_changed(record):
    record.who = "otra@example.com"
    record.save()


def save_one_field(record):
    record.who = "otra@example.com"
    record.save(update_fields=["who"])


def bulk_update(record):
    record.who = "otra@example.com"
    AccessRecord.objects.bulk_update([record], ["who"])


@pytest.mark.parametrize(
    "change",
    [
        save_changed,
        save_one_field,
        bulk_update,
        lambda record: record.delete(),
        lambda record: AccessRecord.objects.filter(pk=record.pk).delete(),
        lambda record: AccessRecord.objects.filter(pk=record.pk).update(who="otra@example.com"),
        lambda record: AccessRecord.objects.update_or_create(
            pk=record.pk, defaults={"who": "otra@example.com"}
        ),
    ],
)
def test_no_row_is_changed_or_deleted(change):
    record = note()
    before = list(AccessRecord.objects.values())

    with pytest.raises(NotSupportedError):
        change(record)

    assert list(AccessRecord.objects.values()) == before


def test_no_row_takes_the_place_of_another():
    record = note()

    with pytest.raises(IntegrityError):
        AccessRecord(pk=record.pk, kind=AccessKind.VIEW, who="otra@example.com").save()


@pytest.mark.one_database  # SQLite lets them: Django empties its tables so
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_log SET who = 'otra@example.com'",
        "DELETE FROM access_log",
        "INSERT INTO access_log SELECT * FROM access_log ON CONFLICT (id) DO UPDATE SET who = ''",
    ],
)
def test_the_database_refuses_whatever_gets_past_the_model(statement):
    note()

    with connection.cursor() as cursor, pytest.raises(NotSupportedError, match="access_log"):
        cursor.execute(statement)


def test_what_is_known_of_an_access_is_kept(analyst):
    note(AccessKind.PLAY, by=analyst, session_number=3, recording_number=4, page=2)

    assert AccessRecord.objects.filter(
        kind=AccessKind.PLAY,
        who=analyst.email,
        user_number=analyst.pk,
        address="203.0.113.7",
        session_number=3,
        recording_number=4,
        release_number=None,
        details={"page": 2},
    ).exists()


def test_an_access_by_a_command_is_the_system_s_user_s(monkeypatch):
    monkeypatch.setenv("LOGNAME", "operaciones")

    record = note(by=None, address="")

    assert (record.who, record.user_number) == ("operaciones", None)


def shown(browser, query=""):
    return browser.get(LOG + query).content.decode()


def found(browser, words):
    return [record.pk for record in browser.get(LOG, {"q": words}).context["cl"].result_list]


def test_analysts_see_each_access_to_the_second(browser):
    moment = datetime(2026, 3, 5, 14, 7, 9, tzinfo=UTC)
    AccessRecord.objects.create(at=moment, kind=AccessKind.URL, who="ana@example.com")

    page = shown(browser)

    assert "05/03/2026 09:07:09" in page  # in Lima
    assert "ana@example.com" in page
    assert "Dirección de descarga" in page


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"expires_in": 600}, "vigencia (s): 600"),
        ({"filters": {}, "sessions": 3, "recordings": 2}, "sesiones: 3; grabaciones: 2"),
        ({"filters": {}}, "filtros: ninguno"),
        ({"filters": {"estado": "created", "tag.tema": "ética"}}, "estado=created, tag.tema=ética"),
    ],
)
def test_analysts_read_the_details_in_words(browser, details, words):
    note(**details)

    assert words in shown(browser)


def test_a_kind_is_listed_alone(browser):
    note(AccessKind.URL, by=AnalystFactory(email="url@example.com"))
    note(AccessKind.LISTING, by=AnalystFactory(email="listado@example.com"))

    page = shown(browser, "?kind__exact=listing")

    assert "listado@example.com" in page
    assert "url@example.com" not in page


def test_an_access_is_found_by_who_and_from_where(browser):
    record = note(by=AnalystFactory(email="lucia@example.com"))
    note(by=AnalystFactory(), address="198.51.100.9")

    assert found(browser, "lucia") == found(browser, "203.0.113") == [record.pk]


def test_a_number_finds_what_there_was_of_a_session_or_recording_and_no_address(browser):
    of_session = note(session_number=203, recording_number=9)
    of_recording = note(session_number=9, recording_number=203)
    note(session_number=2035, recording_number=1203)

    assert found(browser, "203") == [of_recording.pk, of_session.pk]


def test_a_number_finds_the_lists_that_have_shown_the_session(browser):
    seen = note(AccessKind.VIEW, page="sesiones", shown=[12, 7])
    note(AccessKind.VIEW, page="sesiones", shown=[1, 2, 71])

    found = browser.get(f"{LOG}?q=7").context["cl"].result_list

    assert [record.pk for record in found] == [seen.pk]


def test_a_number_beside_a_name_finds_what_has_both(browser):
    lucia = AnalystFactory(email="lucia@example.com")
    record = note(by=lucia, session_number=2035)
    note(by=lucia, session_number=203)
    note(by=AnalystFactory(), session_number=2035)

    assert found(browser, "lucia 2035") == [record.pk]

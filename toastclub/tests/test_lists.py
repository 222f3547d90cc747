"""What every list has in common: its pages, its filters and how it writes a time."""

import re
from datetime import datetime

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from toastclub.tests.calls import API

pytestmark = pytest.mark.django_db

LISTS = {
    "sessions": SessionFactory,
    "recordings": RecordingFactory,
    "surveys": SurveyFactory,
    "users": UserFactory,
}
BY_DAY = {"sessions": Session, "recordings": Recording, "surveys": Survey}

every_list = pytest.mark.parametrize("name", LISTS)
every_list_by_day = pytest.mark.parametrize("name", BY_DAY)


def page(client, name, **query):
    return client.get(f"{API}/{name}", query)


def ids(answer):
    assert answer.status_code == 200, answer.json()
    return [thing["id"] for thing in answer.json()["results"]]


@every_list
def test_a_list_says_how_many_there_are_and_shows_a_page(as_analyst, name):
    for _number in range(3):
        LISTS[name]()

    body = page(as_analyst, name, limit=2).json()

    assert list(body) == ["count", "next", "previous", "results"]
    assert body["count"] >= 3
    assert len(body["results"]) == 2
    assert body["previous"] is None


@every_list
def test_following_next_shows_each_thing_once(as_analyst, name):
    for _number in range(5):
        LISTS[name]()
    whole = ids(page(as_analyst, name))

    seen, url = [], f"http://testserver{API}/{name}?limit=2"
    while url:
        answer = as_analyst.get(url)
        seen += ids(answer)
        url = answer.json()["next"]

    assert seen == whole == sorted(set(whole))


@every_list
def test_following_previous_leads_back(as_analyst, name):
    for _number in range(5):
        LISTS[name]()

    second = page(as_analyst, name, limit=2, offset=2).json()

    assert ids(as_analyst.get(second["previous"])) == ids(page(as_analyst, name, limit=2))


@every_list
def test_past_the_end_a_list_is_empty(as_analyst, name):
    assert ids(page(as_analyst, name, offset=1000)) == []


def many_users():
    User.objects.bulk_create(
        User(email=f"p{number}@example.com", name="P", role="IMPULSADOR") for number in range(205)
    )


def test_a_page_holds_fifty_where_nothing_is_said(as_analyst):
    many_users()

    assert len(ids(page(as_analyst, "users"))) == 50


@pytest.mark.parametrize("limit", [200, 201, 10**12])
def test_a_page_holds_two_hundred_at_most(as_analyst, limit):
    many_users()

    assert len(ids(page(as_analyst, "users", limit=limit))) == 200


@every_list
@pytest.mark.parametrize("field", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "1.0", "1_0", "+1", "١", "1e1", "9" * 5000])
def test_a_page_that_cannot_be_read_is_refused(as_analyst, name, field, value):
    answer = page(as_analyst, name, **{field: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert answer.json()["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize("query", [{"limit": 0}, {"offset": 2**31}, {"offset": 10**15}])
def test_a_page_that_cannot_be_is_refused(as_analyst, query):
    assert page(as_analyst, "users", **query).status_code == 400


FAULTY_FILTERS = [
    ("sessions", "estado", "terminada"),
    ("sessions", "estado", "RUNNING"),
    *((name, "session_id", value) for name in BY_DAY for value in ("x", "1_0", "-1", "9" * 30)),
    *(
        (name, field, value)
        for name in BY_DAY
        for field in ("desde", "hasta")
        for value in (
            "ayer",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "2026-01-01T25:00",
            "2026-01-01T00:00:00+99:00",
            "0001-01-01",
            "9999-12-31",
            "9999-12-31T23:59:59",
            "0001-01-01T00:00:00+14:00",
        )
    ),
    ("users", "role", "JEFE"),
    ("users", "is_active", "tal vez"),
]


@pytest.mark.parametrize(("name", "field", "value"), FAULTY_FILTERS)
def test_a_filter_that_cannot_be_read_is_refused(as_analyst, name, field, value):
    answer = page(as_analyst, name, **{field: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(("name", "field"), sorted({row[:2] for row in FAULTY_FILTERS}))
def test_an_empty_filter_filters_nothing(as_analyst, name, field):
    thing = LISTS[name]()

    assert thing.pk in ids(page(as_analyst, name, **{field: ""}))


def test_sessions_are_filtered_by_state(as_analyst):
    SessionFactory()
    running = SessionFactory(estado="running")

    assert ids(page(as_analyst, "sessions", estado="running")) == [running.pk]


@pytest.mark.parametrize("name", ["recordings", "surveys"])
def test_what_belongs_to_a_session_is_filtered_by_it(as_analyst, name):
    LISTS[name]()
    thing = LISTS[name]()

    assert ids(page(as_analyst, name, session_id=thing.session_id)) == [thing.pk]


def test_sessions_are_filtered_by_their_own_id(as_analyst):
    SessionFactory()
    session = SessionFactory()

    assert ids(page(as_analyst, "sessions", session_id=session.pk)) == [session.pk]


def test_filters_are_anded(as_analyst):
    session = SessionFactory()

    query = {"session_id": session.pk, "estado": "running"}
    assert ids(page(as_analyst, "sessions", **query)) == []


def test_the_next_page_keeps_the_filters(as_analyst):
    running = [SessionFactory(estado="running").pk for _number in range(2)]
    SessionFactory()

    first = page(as_analyst, "sessions", estado="running", limit=1).json()

    assert ids(as_analyst.get(first["next"])) == [running[1]]


def at(name, *moments):
    """One thing of that list a moment, and the moments' places in the list by its id."""
    numbers = {}
    for place, moment in enumerate(moments):
        thing = LISTS[name]()
        BY_DAY[name].objects.filter(pk=thing.pk).update(created_at=datetime.fromisoformat(moment))
        numbers[thing.pk] = place
    return numbers


LAST_DAY = (
    "2026-01-30T23:59:59.999999-05:00",
    "2026-01-31T00:00:00-05:00",
    "2026-01-31T12:00:00-05:00",
    "2026-01-31T23:59:59.999999-05:00",
    "2026-02-01T00:00:00-05:00",
)


@every_list_by_day
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"desde": "2026-01-31"}, [1, 2, 3, 4]),
        ({"hasta": "2026-01-31"}, [0, 1, 2, 3]),
        ({"desde": "2026-01-31", "hasta": "2026-01-31"}, [1, 2, 3]),
        ({"desde": "2026-02-01"}, [4]),
        ({"desde": "2026-02-02"}, []),
        ({"hasta": "2026-01-30"}, [0]),
        ({"desde": "2026-01-31T12:00:00-05:00"}, [2, 3, 4]),
        ({"desde": "2026-01-31T12:00"}, [2, 3, 4]),
        ({"desde": "2026-01-31T17:00:00Z"}, [2, 3, 4]),
        ({"desde": "2026-01-31T12:00:00.000001-05:00"}, [3, 4]),
        ({"hasta": "2026-01-31T12:00:00-05:00"}, [0, 1, 2]),
        ({"hasta": "2026-01-31T11:59:59.999999"}, [0, 1]),
        ({"desde": "2026-01-31T00:00", "hasta": "2026-01-31T12:00"}, [1, 2]),
    ],
)
def test_a_list_is_filtered_by_days_of_lima_and_by_times(as_analyst, name, query, expected):
    places = at(name, *LAST_DAY)

    assert [places[number] for number in ids(page(as_analyst, name, **query))] == expected


def test_days_are_those_of_the_time_zone_of_the_settings(as_analyst, settings):
    settings.TIME_ZONE = "Europe/Madrid"
    places = at("sessions", "2026-01-30T22:59:59+00:00", "2026-01-30T23:00:00+00:00")

    assert [places[n] for n in ids(page(as_analyst, "sessions", desde="2026-01-31"))] == [1]


ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-05:00")


@every_list
def test_times_have_microseconds_and_the_offset_of_lima(as_analyst, name):
    LISTS[name]()

    for thing in page(as_analyst, name).json()["results"]:
        assert ISO_8601.fullmatch(thing["created_at"])


@every_list_by_day
def test_a_time_on_the_second_has_its_microseconds_too(as_analyst, name):
    at(name, "2026-01-31T12:00:00+00:00")

    (thing,) = page(as_analyst, name).json()["results"]
    assert thing["created_at"] == "2026-01-31T07:00:00.000000-05:00"


def test_times_follow_the_time_zone_of_the_settings(as_analyst, settings):
    settings.TIME_ZONE = "Europe/Madrid"
    at("sessions", "2026-07-01T12:00:00+00:00")

    (session,) = page(as_analyst, "sessions").json()["results"]
    assert session["created_at"] == "2026-07-01T14:00:00.000000+02:00"

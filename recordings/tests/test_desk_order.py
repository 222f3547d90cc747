"""From one recording on the review desk to the next, in the order of the list behind it."""

from urllib.parse import quote

import pytest

from recordings.tests.desk import (
    LIST,
    in_order,
    link_to,
    opened,
    page_of,
    text_of,
)
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Participant
from sessions_app.tests.factories import SessionFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


@pytest.fixture
def recording():
    return RecordingFactory()


def test_next_and_previous_follow_the_list(browser):
    first, second, third = in_order(3)

    page = opened(browser, page_of(second))

    assert (link_to(page, "before"), link_to(page, "after")) == (first.pk, third.pk)
    assert link_to(opened(browser, page_of(first)), "before") is None
    assert link_to(opened(browser, page_of(third)), "after") is None


def test_they_follow_the_list_s_filters(browser, analyst):
    first, second, third, fourth = in_order(4)
    second.review("aceptada", by=analyst)
    third.review("aceptada", by=analyst)

    page = opened(browser, page_of(first, filters=quote("review_state__exact=sin_revisar")))

    assert link_to(page, "after") == fourth.pk


def test_they_follow_what_was_searched_for(browser):
    wanted = {"participant": {"nombre": "Lucía"}}
    first = RecordingFactory(session=SessionFactory(**wanted))
    RecordingFactory()
    last = RecordingFactory(session=SessionFactory(**wanted))

    page = opened(browser, page_of(last, filters=quote("q=lucía")))

    assert link_to(page, "after") == first.pk


def test_the_list_stays_behind_them(browser):
    first, _second = in_order(2)
    filters = quote("review_state__exact=sin_revisar&o=-6")

    shown = text_of(opened(browser, page_of(first, filters=filters)))

    assert f"?_changelist_filters={filters}" in shown
    assert f'href="{LIST}?review_state__exact=sin_revisar&o=-6"' in shown


@pytest.mark.parametrize("order", ["1", "-1", "3", "-3", "6", "-6", "3.-1", "2"])
def test_whatever_the_list_is_sorted_by_all_are_met_once_and_in_its_order(browser, analyst, order):
    for name, seconds in [("Ana", 3.5), ("Ana", None), ("Zoé", 1.0), ("Ñahui", None), ("Ana", 3.5)]:
        session = SessionFactory(participant={"nombre": name}, text=TextFactory(title=name[::-1]))
        RecordingFactory(session=session, duracion_segundos=seconds)
    erased = RecordingFactory().session
    Participant.objects.filter(session=erased).delete()
    RecordingFactory().review("aceptada", by=analyst)
    listed = [row.pk for row in opened(browser, f"{LIST}?o={order}").context["cl"].result_list]

    met, walked_back = [listed[0]], [listed[-1]]
    filters = quote(f"o={order}")
    for met_numbers, side in ((met, "after"), (walked_back, "before")):
        while (
            number := link_to(
                opened(browser, f"{LIST}{met_numbers[-1]}/take/?_changelist_filters={filters}"),
                side,
            )
        ) is not None:
            assert number not in met_numbers
            met_numbers.append(number)

    assert met == listed
    assert walked_back == listed[::-1]


def test_what_no_longer_fits_the_list_still_leads_on(browser, analyst):
    first, second, third = in_order(3)
    second.review("aceptada", by=analyst)

    page = opened(browser, page_of(second, filters=quote("review_state__exact=sin_revisar")))

    assert (link_to(page, "before"), link_to(page, "after")) == (first.pk, third.pk)


@pytest.mark.parametrize("filters", ["nada=1", "duracion_segundos_min=x", "p=9", "o=99", "%%%"])
def test_filters_that_make_no_sense_are_no_error(browser, recording, filters):
    opened(browser, page_of(recording, filters=quote(filters)))

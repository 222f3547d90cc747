"""Reviewing on the review desk: what is stored, and what is shown next."""

import re
from urllib.parse import quote

import pytest

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory
from recordings.models import Recording, RecordingReview
from recordings.tests.desk import (
    LIST,
    SCRIPT,
    in_order,
    link_to,
    opened,
    page_of,
    review,
    shown_in,
    state_of,
    text_of,
)
from recordings.tests.factories import RecordingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


@pytest.fixture
def recording():
    return RecordingFactory()


def test_a_review_is_stored_and_the_next_is_shown(browser, analyst):
    first, second = in_order(2)

    answer = review(browser, first, "aceptada")

    assert answer.json()["said"] == f"Grabación {first.pk} de Juan Pérez: aceptada."
    assert shown_in(answer) == second.pk
    assert state_of(first) == "aceptada"
    assert RecordingReview.objects.get().user == analyst


def test_each_review_is_noted_in_the_log(browser, recording, analyst):
    review(browser, recording, "rechazada", reason="ruido", note="un camión")

    access = AccessRecord.objects.get(kind=AccessKind.REVIEW)
    assert (access.who, access.recording_number) == (analyst.email, recording.pk)
    assert access.details == {"state": "rechazada", "reason": "ruido"}


def test_the_next_one_that_is_shown_is_noted_as_seen(browser):
    first, second = in_order(2)

    review(browser, first, "aceptada")

    seen = AccessRecord.objects.filter(kind=AccessKind.VIEW)
    assert [(access.session_number, access.recording_number) for access in seen] == [
        (second.session_id, second.pk)
    ]


def test_in_a_list_that_a_review_takes_it_out_of_the_next_is_its_next(browser):
    first, second, third = in_order(3)
    filters = quote("review_state__exact=sin_revisar")

    assert shown_in(review(browser, first, "aceptada", filters=filters)) == second.pk
    answer = review(browser, second, "aceptada", filters=filters)
    assert shown_in(answer) == third.pk
    assert link_to(answer.json()["html"], "before") is None


def test_in_a_list_sorted_by_state_the_next_is_what_was_its_next(browser):
    first, second, third = in_order(3)
    filters = quote("o=-5")
    listed = [row.pk for row in opened(browser, f"{LIST}?o=-5").context["cl"].result_list]

    middle = {row.pk: row for row in (first, second, third)}[listed[1]]

    assert shown_in(review(browser, middle, "aceptada", filters=filters)) == listed[2]


def test_after_the_last_it_stays_there(browser, recording):
    assert shown_in(review(browser, recording, "aceptada")) == recording.pk


def test_a_review_is_undone_with_what_the_answer_says(browser, analyst):
    first, _second = in_order(2)
    first.review("con_problemas", by=analyst, reason="otro", note="ecos")

    undo = review(browser, first, "aceptada").json()["undo"]
    answer = browser.post(undo.pop("address"), {**undo, "then": "stay"}, **SCRIPT)

    assert shown_in(answer) == first.pk
    undone = Recording.objects.get(pk=first.pk)
    assert (undone.review_state, undone.review_reason, undone.review_note) == (
        "con_problemas",
        "otro",
        "ecos",
    )
    assert RecordingReview.objects.count() == 3


def seen_on(browser, recording):
    return re.search(r'name="seen" value="(\d+)"', text_of(opened(browser, page_of(recording))))[1]


def test_a_review_of_what_somebody_else_has_reviewed_meanwhile_is_refused(browser, recording):
    seen = seen_on(browser, recording)
    recording.review("rechazada", by=AnalystFactory(), reason="ruido")

    answer = review(browser, recording, "aceptada", seen=seen)

    assert answer.status_code == 409
    assert "ahora está «rechazada»" in answer.json()["detail"]
    assert state_of(recording) == "rechazada"
    answer = review(browser, recording, "aceptada", seen=seen_on(browser, recording))
    assert state_of(recording) == "aceptada"


def test_what_somebody_else_has_decided_meanwhile_is_not_undone(browser, recording):
    undo = review(browser, recording, "aceptada").json()["undo"]
    recording.review("con_problemas", by=AnalystFactory(), reason="ruido")

    answer = browser.post(undo.pop("address"), {**undo, "then": "stay"}, **SCRIPT)

    assert answer.status_code == 409
    assert state_of(recording) == "con_problemas"


def test_what_was_decided_so_before_cannot_be_undone(browser, recording, analyst):
    recording.review("aceptada", by=analyst)

    answer = review(browser, recording, "aceptada").json()

    assert answer["undo"] is None
    assert RecordingReview.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "rechazada"}, "Elige el motivo"),
        ({"state": "rechazada", "reason": "otro"}, "Explica en la nota"),
        ({"state": "buena"}, "Elige «aceptada»"),
        ({}, "no es válida"),
        ({"state": "aceptada", "note": "x" * 1001}, "demasiado larga"),
        ({"state": "aceptada", "note": "\x00"}, "no es válida"),
    ],
)
def test_a_review_that_makes_no_sense_is_refused_in_words(browser, recording, fields, words):
    answer = browser.post(page_of(recording, "review"), fields, **SCRIPT)

    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert state_of(recording) == "sin_revisar"


def test_a_review_of_what_is_gone_is_refused_in_words(browser, recording):
    Recording.objects.all().delete()

    answer = review(browser, recording, "aceptada")

    assert answer.status_code == 404
    assert "ya no existe" in answer.json()["detail"]


def test_without_a_script_the_same_form_leads_to_the_next_page(browser):
    first, second = in_order(2)
    filters = quote("o=-6")

    answer = review(browser, first, "aceptada", filters=filters, script=False)

    assert answer.status_code == 302
    assert answer["Location"] == page_of(second, filters=filters)
    assert "aceptada." in text_of(opened(browser, answer["Location"]))


def test_without_a_script_a_refusal_is_told_on_the_same_page(browser, recording):
    answer = review(browser, recording, "rechazada", script=False)

    assert answer["Location"] == page_of(recording)
    assert "Elige el motivo" in text_of(opened(browser, answer["Location"]))


def test_without_a_script_what_is_gone_leads_to_the_list(browser, recording):
    Recording.objects.all().delete()

    assert review(browser, recording, "aceptada", script=False)["Location"] == LIST

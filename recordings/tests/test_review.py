"""Deciding about a recording: what is allowed, what is kept of it, and what awaits it."""

import pytest
from django.db import IntegrityError, transaction

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from recordings.choices import Motivo, Revision
from recordings.models import InvalidReview, Recording, RecordingGone, RecordingReview
from recordings.reviews import review_each, review_recording
from recordings.tests.factories import RecordingFactory

pytestmark = pytest.mark.django_db

WITH_REASON = [Revision.CON_PROBLEMAS, Revision.RECHAZADA]


@pytest.fixture
def recording():
    return RecordingFactory()


def verdict_of(recording):
    fresh = Recording.objects.get(pk=recording.pk)
    return fresh.review_state, fresh.review_reason, fresh.review_note


def test_a_new_recording_awaits_review(recording):
    assert verdict_of(recording) == ("sin_revisar", "", "")
    assert list(Recording.objects.awaiting_review()) == [recording]


def test_an_accepted_one_awaits_none(recording, analyst):
    assert recording.review("aceptada", by=analyst)

    assert verdict_of(recording) == ("aceptada", "", "")
    assert Recording.objects.get().reviewed_at is not None
    assert not Recording.objects.awaiting_review().exists()


@pytest.mark.parametrize("state", WITH_REASON)
def test_what_is_not_accepted_says_why(recording, analyst, state):
    recording.review(state, by=analyst, reason="ruido", note=" Un camión ")

    assert verdict_of(recording) == (state, "ruido", "Un camión")


def test_every_decision_leaves_a_row_that_says_who_and_why(recording, analyst):
    recording.review("rechazada", by=analyst, reason="otro", note="Ladra un perro")
    recording.review("sin_revisar", by=analyst)

    first, second = RecordingReview.objects.order_by("id")
    assert (first.from_state, first.to_state) == ("sin_revisar", "rechazada")
    assert (first.reason, first.note) == ("otro", "Ladra un perro")
    assert (first.user, first.user_email) == (analyst, analyst.email)
    assert (second.from_state, second.to_state, second.note) == ("rechazada", "sin_revisar", "")


def test_going_back_forgets_what_was_decided(recording, analyst):
    recording.review("rechazada", by=analyst, reason="ruido", note="x")

    recording.review("sin_revisar", by=analyst)

    assert verdict_of(recording) == ("sin_revisar", "", "")
    assert Recording.objects.get().reviewed_at is None
    assert Recording.objects.awaiting_review().count() == 1


def test_the_same_decision_again_is_none(recording, analyst):
    recording.review("rechazada", by=analyst, reason="ruido", note="x")
    at = Recording.objects.get().reviewed_at

    assert recording.review("rechazada", by=analyst, reason="ruido", note="x") is None
    assert RecordingReview.objects.count() == 1
    assert Recording.objects.get().reviewed_at == at


def test_another_reason_is_another_decision(recording, analyst):
    recording.review("rechazada", by=analyst, reason="ruido")

    assert recording.review("rechazada", by=analyst, reason="voz_baja")
    assert RecordingReview.objects.count() == 2


def test_it_is_compared_with_what_is_stored_and_not_with_what_was_read(recording, analyst):
    stale = Recording.objects.get()
    recording.review("aceptada", by=analyst)

    stale.review("rechazada", by=analyst, reason="ruido")

    assert RecordingReview.objects.order_by("id").last().from_state == "aceptada"


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        ({"state": "buena"}, "aceptada"),
        ({"state": ""}, "aceptada"),
        ({"state": "rechazada"}, "motivo"),
        ({"state": "con_problemas", "reason": "feo"}, "motivo"),
        ({"state": "aceptada", "reason": "ruido"}, "Solo llevan motivo"),
        ({"state": "sin_revisar", "reason": "ruido"}, "Solo llevan motivo"),
        ({"state": "sin_revisar", "note": "x"}, "no lleva nota"),
        ({"state": "rechazada", "reason": "otro"}, "Explica en la nota"),
        ({"state": "rechazada", "reason": "otro", "note": "  "}, "Explica en la nota"),
        ({"state": "aceptada", "note": "x" * 1001}, "demasiado larga"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_whole(recording, analyst, decision, words):
    with pytest.raises(InvalidReview, match=words):
        recording.review(**decision, by=analyst)

    assert verdict_of(recording) == ("sin_revisar", "", "")
    assert not RecordingReview.objects.exists()


def test_a_note_of_a_thousand_letters_fits(recording, analyst):
    recording.review("aceptada", by=analyst, note="ñ" * 1000)

    assert verdict_of(recording) == ("aceptada", "", "ñ" * 1000)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"review_state": "buena"}, "recordings_review_state_known"),
        ({"review_state": "rechazada"}, "recordings_review_reason_iff_needed"),
        ({"review_reason": "ruido"}, "recordings_review_reason_iff_needed"),
        (
            {"review_state": "rechazada", "review_reason": "otro"},
            "recordings_review_other_explained",
        ),
        ({"review_state": "aceptada"}, "recordings_reviewed_at_iff_reviewed"),
        ({"review_note": "x"}, "recordings_reviewed_at_iff_reviewed"),
    ],
)
def test_the_database_refuses_what_the_model_would_not_write(recording, columns, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Recording.objects.filter(pk=recording.pk).update(**columns)


def test_a_review_changes_nothing_else_that_others_wrote_meanwhile(recording, analyst):
    stale = Recording.objects.get()
    Recording.objects.update(storage_fault="missing")

    stale.review("aceptada", by=analyst)

    assert Recording.objects.get().storage_fault == "missing"


def test_what_was_deleted_meanwhile_says_so(recording, analyst):
    Recording.objects.filter(pk=recording.pk).delete()

    with pytest.raises(RecordingGone, match="ya no existe"):
        recording.review("aceptada", by=analyst)


def test_decisions_outlive_who_made_them(recording, analyst):
    email = analyst.email
    recording.review("aceptada", by=analyst)

    analyst.delete()

    review = RecordingReview.objects.get()
    assert (review.user, review.user_email) == (None, email)


def test_a_review_is_noted_in_the_log_without_what_was_typed(recording, analyst):
    review_recording(
        recording, "rechazada", by=analyst, address="203.0.113.7", reason="otro", note="secreto"
    )

    access = AccessRecord.objects.get()
    assert (access.kind, access.who) == (AccessKind.REVIEW, analyst.email)
    assert (access.session_number, access.recording_number) == (recording.session_id, recording.pk)
    assert access.details == {"state": "rechazada", "reason": "otro"}


@pytest.mark.parametrize("decision", [{"state": "sin_revisar"}, {"state": "rechazada"}])
def test_what_decides_nothing_is_not_noted(recording, analyst, decision):
    review_each([recording], **decision, by=analyst, address="")

    assert not AccessRecord.objects.exists()


def test_of_many_those_that_can_be_are_reviewed(analyst):
    accepted, gone, new = RecordingFactory.create_batch(3)
    accepted.review("aceptada", by=analyst)
    Recording.objects.filter(pk=gone.pk).delete()

    done = review_each([accepted, gone, new], "aceptada", by=analyst, address="")

    assert (done.changed, done.unchanged) == (1, 1)
    assert done.refused == {gone.pk: "La grabación ya no existe: alguien la eliminó."}
    assert verdict_of(new)[0] == "aceptada"


def test_every_reason_can_be_given(recording, analyst):
    for reason in Motivo.values:
        assert recording.review("con_problemas", by=analyst, reason=reason, note="así es")

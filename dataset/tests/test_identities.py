"""What an export says of a participant, and what it leaves behind."""

import json

import pytest

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from dataset.identities import age_band
from dataset.models import PseudonymKey
from dataset.tests.archives import EXPORT, export, rows, text_of
from dataset.tests.participants import take_of
from sessions_app.models import Participant
from surveys.tests.factories import SurveyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def pseudonyms_in(archive):
    return [row["participant_id"] for row in rows(archive, "dataset.csv")]


def test_an_export_has_no_name_no_email_and_no_exact_age(as_analyst):
    take_of(title="Juana Ñahui", description="juana@example.com")

    archive = export(as_analyst)

    assert "Juana" not in text_of(archive)
    assert "juana@" not in text_of(archive)
    (row,) = rows(archive, "dataset.csv")
    assert row["participant_age_band"] == "65+"
    assert "97" not in row.values()
    assert not {"participant_name", "participant_email", "participant_age"} & set(row)
    assert json.loads(archive.read("manifest.json"))["identifiable"] is False


@pytest.mark.parametrize("yes", ["1", "true"])
def test_identities_come_when_they_are_asked_for(as_analyst, yes):
    session = take_of().session
    SurveyFactory(session=session, answers={"a": "Soy Juana Ñahui"})

    archive = export(as_analyst, identificables=yes)

    (row,) = rows(archive, "dataset.csv")
    identity = ("participant_name", "participant_email", "participant_age")
    assert [row[column] for column in identity] == ["Juana Ñahui", "juana@example.com", "97"]
    assert rows(archive, "surveys.csv")[0]["a"] == "Soy Juana Ñahui"
    assert json.loads(archive.read("manifest.json"))["identifiable"] is True


@pytest.mark.parametrize("no", ["0", "false", ""])
def test_identities_stay_behind_when_they_are_declined(as_analyst, no):
    take_of()

    assert "Juana" not in text_of(export(as_analyst, identificables=no))


def test_whether_identities_are_wanted_must_be_said_clearly(as_analyst):
    answer = as_analyst.get(EXPORT, {"identificables": "quizá"})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("identificables")


@pytest.mark.parametrize(
    ("asked", "kind"), [({}, "export"), ({"identificables": 1}, "identifiable")]
)
def test_who_exported_what_is_recorded(as_analyst, analyst, asked, kind):
    take_of()

    export(as_analyst, estado="created", **asked)

    access = AccessRecord.objects.exclude(kind=AccessKind.EXPORTED).get()
    assert (access.kind, access.address) == (kind, "127.0.0.1")
    assert (access.who, access.user_number) == (analyst.email, analyst.pk)
    assert access.details == {"filters": {"estado": "created"}, "sessions": 1, "recordings": 1}


def test_the_same_email_is_the_same_person_however_it_is_written(as_analyst):
    take_of(email="juana@example.com", name="Juana")
    take_of(email="Juana@Example.com", name="J. Ñahui", age=None)

    first, second = pseudonyms_in(export(as_analyst))

    assert first == second


def test_another_email_is_another_person_and_without_one_each_session_is(as_analyst):
    for email in ("a@example.com", "b@example.com", None, None):
        take_of(email=email)

    assert len(set(pseudonyms_in(export(as_analyst)))) == 4


def test_a_pseudonym_is_the_same_in_every_export(as_analyst):
    take_of()
    first = pseudonyms_in(export(as_analyst))
    take_of(email="otra@example.com")

    assert first[0] in pseudonyms_in(export(as_analyst, identificables=1))


def test_another_key_gives_other_pseudonyms(as_analyst):
    take_of()
    first = pseudonyms_in(export(as_analyst))
    PseudonymKey.objects.update(secret="00" * 32)

    assert pseudonyms_in(export(as_analyst)) != first


def test_a_session_whose_participant_was_erased_has_a_pseudonym_and_no_age(as_analyst):
    take_of()
    Participant.objects.all().delete()

    (row,) = rows(export(as_analyst), "dataset.csv")

    assert row["participant_id"]
    assert row["participant_age_band"] == ""


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (1, "0-17"),
        (17, "0-17"),
        (18, "18-24"),
        (24, "18-24"),
        (25, "25-34"),
        (64, "55-64"),
        (65, "65+"),
        (120, "65+"),
        (None, None),
    ],
)
def test_each_age_is_in_its_band(age, band):
    assert age_band(age) == band

"""A person is erased: nothing of them is left anywhere, whatever goes wrong on the way."""

import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory, FacilitatorFactory, SuperuserFactory
from conftest import use_r2
from dataset.models import Erasure, Release, ReleaseItem
from dataset.people import erasure as erasing
from dataset.releases import LOCK
from dataset.tests.archives import export
from dataset.tests.people import (
    EMAIL,
    ERASE,
    ERASURES,
    NAME,
    VOICE,
    address,
    erase,
    leave_in_store,
    may_erase,
    messages_in,
    offered_in,
    search,
    session_of,
    text_of_database,
    text_of_store,
    whole_person,
)
from recordings import reconciliation, services
from recordings.models import Recording, ResumableUpload
from recordings.tests.calls import API, sample, send
from recordings.tests.factories import RecordingFactory
from recordings.tests.parts import begin, complete, put_parts
from recordings.tests.reconciling import reconcile
from sessions_app.choices import Estado
from sessions_app.models import Participant, Session
from surveys.models import Survey
from toastclub.locks import lock
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db

SPEECH = sample("voz.mp3")


@pytest.fixture
def any_age(monkeypatch):
    """Has parts count as old however young they are."""
    monkeypatch.setattr(reconciliation, "UPLOAD_LIFETIME", timedelta(0))


@pytest.fixture
def eraser(db):
    return may_erase()


@pytest.fixture
def browser(browser_of, eraser):
    return browser_of(eraser)


@pytest.fixture
def store_down(settings):
    """Takes the store down, and up again when what it returned is called."""

    def take():
        before = settings.STORAGES
        use_r2(settings, ObjectStore("http://127.0.0.1:1"))

        def bring_up():
            settings.STORAGES = before

        return bring_up

    return take


def go_on(browser, erasure):
    return browser.post(f"{ERASURES}{erasure.pk}/continuar/", follow=True)


def assert_nothing_is_left(session, code, *, voice=VOICE):
    """Neither in any column nor in the store is anything that says who it was."""
    said = text_of_database() + text_of_store()
    digest = hashlib.sha256(voice).hexdigest()
    for trace in (
        NAME,
        EMAIL,
        EMAIL.lower(),
        "Ñahui",
        code,
        digest,
        voice.decode(errors="replace"),
    ):
        assert trace not in said, trace
    assert Session.objects.filter(pk=session.pk).exists()


def test_nothing_of_a_person_is_left_anywhere(any_store, browser):
    session, other = whole_person(), RecordingFactory(content=b"otra voz")
    code = session.session_code
    leave_in_store(session)

    answer = erase(browser, session)

    assert messages_in(answer) == [f"Borrado {Erasure.objects.get().pk}: terminado."]
    assert_nothing_is_left(session, code)
    assert list(default_storage.unfinished_parts("uploads/")) == []
    assert list(default_storage.keys("recordings/")) == [other.audio_url]


def test_several_sessions_of_a_person_are_erased_together(browser):
    first, second = whole_person(), whole_person(VOICE + b"!")
    codes = (first.session_code, second.session_code)

    erase(browser, first, second)

    for session, code, voice in zip((first, second), codes, (VOICE, VOICE + b"!"), strict=True):
        assert_nothing_is_left(session, code, voice=voice)
    assert Erasure.objects.get().session_numbers == [first.pk, second.pk]


def test_what_the_session_was_stays(browser):
    session = whole_person()
    kept = ("id", "estado", "text_id", "text_pages", "created_at", "started_at", "user_id")
    before = Session.objects.values(*kept).get(pk=session.pk)
    events = list(session.events.values())

    erase(browser, session)

    assert Session.objects.values(*kept).get(pk=session.pk) == before
    assert list(session.events.values()) == events


def test_other_peoples_sessions_stay_as_they_were(browser):
    session, other = whole_person(), whole_person(VOICE + b" de otra")
    Participant.objects.filter(session=other).update(nombre="Otra")
    kept = (other.session_code, other.recordings.get().audio_url, other.surveys.count())

    erase(browser, session)

    other = Session.objects.get(pk=other.pk)
    recording = other.recordings.get()
    assert (other.session_code, recording.audio_url, other.surveys.count()) == kept
    assert default_storage.exists(recording.audio_url)
    assert other.participant.nombre == "Otra"


def test_a_session_whose_number_begins_alike_keeps_its_audio(browser):
    session = session_of()
    alike = f"recordings/session_{session.pk}0/voz.wav"
    default_storage.save(alike, ContentFile(VOICE))

    erase(browser, session)

    assert list(default_storage.keys("recordings/")) == [alike]


def test_a_mock_that_names_somebody_elses_audio_does_not_erase_it(browser):
    others = RecordingFactory()
    mock = RecordingFactory(
        session=session_of(), audio=others.audio_url, sha256=None, crc32=None, content=None
    )

    erase(browser, mock.session)

    assert default_storage.exists(others.audio_url)
    assert list(Recording.with_pending.all()) == [others]


def test_local_copies_that_nobody_works_on_go(browser, settings):
    left = settings.DATA_DIR / "uploads" / "copia-de-una-voz"
    left.write_bytes(VOICE)

    erase(browser, session_of())

    assert not left.exists()


@pytest.mark.parametrize("typed", ["", "  ", "Juana", "BORRAR", f"{NAME} y más", "sí"])
def test_the_wrong_words_erase_nothing(browser, typed):
    session = whole_person()
    before = text_of_database()

    answer = erase(browser, session, typed=typed)

    assert "No se ha borrado nada" in answer.content.decode()
    assert not Erasure.objects.exists()
    assert Session.objects.get().session_code == session.session_code
    assert NAME in before
    assert Participant.objects.get().nombre == NAME
    assert default_storage.exists(Recording.objects.get().audio_url)


@pytest.mark.parametrize("typed", [NAME, NAME.upper(), "juana nahui quispe", f"  {NAME} "])
def test_the_persons_name_confirms_however_it_is_written(browser, typed):
    erase(browser, session_of(), typed=typed)

    assert Erasure.objects.get().is_finished


@pytest.mark.parametrize("other", ["Juana", None])
def test_where_no_single_name_is_known_a_word_confirms(browser, other):
    sessions = [session_of(), session_of(name=other or "x")]
    if other is None:
        Participant.objects.all().delete()

    assert "BORRAR" in browser.get(address(ERASE, *sessions)).content.decode()
    erase(browser, *sessions, typed=NAME)
    assert not Erasure.objects.exists()
    erase(browser, *sessions, typed="borrar")
    assert Erasure.objects.get().is_finished


def test_the_page_says_what_goes_what_stays_and_what_cannot_be_reached(browser):
    page = browser.get(address(ERASE, whole_person())).content.decode()

    for said in (
        NAME,
        "1 grabación con su audio",
        "2 encuestas",
        "No se puede deshacer",
        "Copias de",
    ):
        assert said in page


def test_looking_at_the_page_erases_nothing(browser):
    session = whole_person()

    browser.get(address(ERASE, session), {"confirmation": NAME})
    browser.get(f"{address(ERASE, session)}&confirmation={NAME}")

    assert not Erasure.objects.exists()


def test_a_warning_is_given_where_the_emails_differ(browser):
    sessions = [session_of(), session_of(email="otra@example.com")]

    for path in (ERASE, "/admin/personas/datos/"):
        assert "correos distintos" in browser.get(address(path, *sessions)).content.decode()
        assert "correos distintos" not in browser.get(address(path, sessions[0])).content.decode()


# The code and the API afterwards


def test_the_code_opens_nothing_any_more(browser, headset_of, nobody):
    session = session_of(estado=Estado.RUNNING)
    headset = headset_of(session)
    erase(browser, session)
    session.refresh_from_db()

    for code in (headset._credentials["HTTP_X_SESSION_CODE"], session.session_code):
        assert nobody.get(f"{API}/sessions/by-code/{code}").status_code == 404
    for client in (headset, headset_of(session)):
        assert send(client, session, SPEECH).status_code == 401


@pytest.mark.parametrize("make_user", [AnalystFactory, FacilitatorFactory])
def test_nobody_brings_anything_more_to_the_session(browser, client_of, make_user):
    session = session_of(estado=Estado.RUNNING)
    erase(browser, session)
    client, analyst = client_of(make_user()), client_of(AnalystFactory())
    path = f"{API}/sessions/{session.pk}"

    answers = [
        send(client, session, SPEECH),
        client.post(f"{path}/recording", {"audio_url": "recordings/x.wav"}),
        begin(client, session),
        client.post(f"{path}/survey", {"respuestas_json": {"nombre": NAME}}),
        analyst.put(path, {"title": NAME, "datos_participante": {"nombre": NAME}}),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert "se borraron" in answers[0].json()["detail"]
    assert NAME not in text_of_database()
    assert text_of_store().strip() == ""


def test_the_api_goes_on_showing_the_session(browser, as_analyst):
    session = whole_person()
    erase(browser, session)

    body = as_analyst.get(f"{API}/sessions/{session.pk}").json()
    (listed,) = json.loads(b"".join(as_analyst.get(f"{API}/dataset")))["dataset"]

    empty = {"nombre": "", "edad_aproximada": None, "email_opcional": None}
    assert body["datos_participante"] == empty
    assert (body["title"], body["description"]) == ("", "")
    assert (body["recording_id"], body["survey_id"]) == (None, None)
    assert (listed["participant_name"], listed["recordings"]) == ("", [])
    assert as_analyst.get(f"{API}/sessions").json()["count"] == 1
    assert export(as_analyst).testzip() is None
    assert as_analyst.delete(f"{API}/sessions/{session.pk}").status_code == 204


def test_the_back_office_goes_on_showing_the_session(browser):
    session = whole_person()
    erase(browser, session)

    for page in ("", "sessions_app/session/", f"sessions_app/session/{session.pk}/change/"):
        answer = browser.get(f"/admin/{page}")
        assert answer.status_code == 200
        assert NAME not in answer.content.decode()


def test_an_erased_person_is_found_no_more(browser):
    session = session_of()
    erase(browser, session)

    for typed in (NAME, EMAIL, Session.objects.get().session_code):
        assert offered_in(search(browser, typed)) == {}
    assert (
        "Marca al menos una" in browser.get(address(ERASE, session), follow=True).content.decode()
    )


# What goes wrong


def test_with_the_store_down_it_stays_unfinished_and_is_continued(browser, store_down):
    session = whole_person()
    code = session.session_code
    bring_up = store_down()

    answer = erase(browser, session)

    erasure = Erasure.objects.get()
    assert "sin terminar" in messages_in(answer)[0]
    assert "Continuar" in answer.content.decode()
    assert "Sin terminar" in browser.get(ERASURES).content.decode()
    assert not Participant.objects.exists()
    assert not Survey.objects.exists()
    assert Session.objects.get().session_code != code

    assert "sin terminar" in messages_in(go_on(browser, erasure))[0]
    bring_up()
    assert messages_in(go_on(browser, erasure)) == [f"Borrado {erasure.pk}: terminado."]
    assert_nothing_is_left(session, code)


STEPS = [
    (erasing, "sweep_all"),
    (erasing, "_objects_of"),
    (erasing, "_remove_what_rows_lead_to"),
    (erasing, "_remove_what_lies_there"),
    (erasing, "_remove_rows_of_audio"),
    (erasing, "_is_anything_there"),
    (erasing, "_finish"),
    (erasing, "held_by_releases"),
    (Recording, "delete_object"),
    (ResumableUpload, "discard"),
    (Erasure, "note_objects"),
    (Erasure, "finish"),
]


@pytest.mark.parametrize("place, step", STEPS, ids=[step for _place, step in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_broken_off_at_any_step_it_is_continued_to_the_same_end(
    browser, monkeypatch, place, step, when
):
    """Killed, the store down, or a fault of ours: it goes on from what is there."""
    session = whole_person()
    code = session.session_code
    leave_in_store(session)
    work = getattr(place, step)

    def broken(*args, **options):
        if when == "after":
            work(*args, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(place, step, broken)
    with pytest.raises(KeyboardInterrupt):
        erase(browser, session)
    monkeypatch.undo()
    erasure = Erasure.objects.get()
    go_on(browser, erasure)

    erasure.refresh_from_db()
    assert erasure.is_finished
    assert_nothing_is_left(session, code)
    assert erasure.removed_rows["recordings.Recording"] == 1
    assert len(erasure.removed_objects) == 3


def test_broken_off_at_its_beginning_nothing_has_happened(browser, monkeypatch):
    session = whole_person()

    def broken(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(AccessRecord.objects.__class__, "note_sessions", broken)
    with pytest.raises(KeyboardInterrupt):
        erasing.begin([session.pk], by=may_erase(), address="")

    assert not Erasure.objects.exists()
    assert Participant.objects.get().nombre == NAME
    assert Session.objects.get().session_code == session.session_code


def test_a_recording_whose_audio_is_gone_is_erased(any_store, browser):
    recording = RecordingFactory(session=session_of(), content=None)

    erase(browser, recording.session)

    assert Erasure.objects.get().is_finished
    assert not Recording.with_pending.exists()


def test_a_store_that_does_not_delete_is_told(browser, monkeypatch):
    session = whole_person()
    monkeypatch.setattr(default_storage._wrapped.__class__, "delete", lambda *_args: None)

    answer = erase(browser, session)

    assert "sigue mostrando audio" in messages_in(answer)[0]
    assert not Erasure.objects.get().is_finished


def test_a_session_that_was_deleted_meanwhile_does_not_hold_it_up(browser, as_analyst, store_down):
    session = whole_person()
    bring_up = store_down()
    erase(browser, session)
    bring_up()
    as_analyst.delete(f"{API}/sessions/{session.pk}")

    go_on(browser, Erasure.objects.get())

    assert Erasure.objects.get().is_finished


def test_as_long_as_a_release_is_being_built_it_is_not_finished(browser):
    session = whole_person()
    code = session.session_code

    with lock(LOCK) as came:
        assert came
        answer = erase(browser, session)

    assert "Se está creando una versión" in messages_in(answer)[0]
    assert not Erasure.objects.get().is_finished
    assert_nothing_is_left(session, code)
    go_on(browser, Erasure.objects.get())
    assert Erasure.objects.get().is_finished


def test_somebody_else_who_continues_it_at_the_moment_is_not_disturbed(browser, store_down):
    session = whole_person()
    bring_up = store_down()
    erase(browser, session)
    bring_up()
    erasure = Erasure.objects.get()

    with lock(f"erasure {erasure.pk}"):
        answer = go_on(browser, erasure)

    assert "ahora mismo" in messages_in(answer)[0]
    assert Recording.with_pending.exists()


def test_a_finished_one_never_changes(browser):
    session = whole_person()
    erase(browser, session)
    before = Erasure.objects.values().get()
    RecordingFactory(session=session)

    go_on(browser, Erasure.objects.get())

    assert Erasure.objects.values().get() == before


def test_the_command_continues_what_broke_off(browser, store_down):
    session = whole_person()
    code = session.session_code
    bring_up = store_down()
    erase(browser, session)
    with pytest.raises(CommandError, match="no está disponible"):
        call_command("continue_erasures", stdout=io.StringIO())
    bring_up()
    number = Erasure.objects.get().pk

    assert said("continue_erasures", "--dry-run") == f"Borrado {number}: sin terminar\n"
    assert not Erasure.objects.get().is_finished
    assert said("continue_erasures") == f"Borrado {number}: terminado\n"
    assert said("continue_erasures") == "Ningún borrado quedó sin terminar.\n"
    assert_nothing_is_left(session, code)


def said(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


# Uploads that arrive at this very moment


@pytest.fixture
def meanwhile(monkeypatch, eraser):
    """Has the person erased as something else is about to happen."""

    def arrange(place, name, session):
        work = getattr(place, name)

        def overtaken(*args, **options):
            monkeypatch.setattr(place, name, work)
            Context().run(erased_by_another_request)
            return work(*args, **options)

        def erased_by_another_request():
            erasing.carry_on(erasing.begin([session.pk], by=eraser, address=""))

        monkeypatch.setattr(place, name, overtaken)

    return arrange


@pytest.mark.parametrize(
    "place, step",
    [
        (services, "claim_upload_key"),
        (services, "identify"),
        (services, "_announce"),
        (services, "_place_and_measure"),
        (Recording, "put"),
        (services, "_settle_one"),
    ],
)
def test_an_upload_that_arrives_at_this_moment_leaves_nothing(
    any_store, headset_of, meanwhile, place, step
):
    session = session_of(estado=Estado.RUNNING)
    code, headset = session.session_code, headset_of(session)
    meanwhile(place, step, session)

    answer = headset.post(
        f"{API}/sessions/{session.pk}/upload",
        {"file": io.BytesIO(SPEECH)},
        format="multipart",
        HTTP_IDEMPOTENCY_KEY=f"clave-{code}",
    )

    assert answer.status_code == 404
    assert Erasure.objects.get().is_finished
    assert_nothing_is_left(session, code, voice=SPEECH)
    assert not Recording.with_pending.exists()


@pytest.mark.parametrize(
    "any_store", ["disk", pytest.param("seaweedfs", marks=pytest.mark.one_database)], indirect=True
)
@pytest.mark.parametrize(
    "place, step",
    [
        (ResumableUpload, "join"),
        (services, "_announce"),
        (services, "_settle_one"),
        (ResumableUpload, "chunks"),
    ],
)
def test_parts_that_are_joined_at_this_moment_leave_nothing(
    any_store, headset_of, meanwhile, place, step
):
    session = session_of(estado=Estado.RUNNING)
    headset = headset_of(session)
    upload = begin(headset, session).json()
    put_parts(upload)
    meanwhile(place, step, session)

    answer = complete(headset, session, upload)

    assert answer.status_code in (404, 409, 503)
    assert text_of_store().strip() == ""
    assert not Recording.with_pending.exists()
    assert not ResumableUpload.objects.exists()


def test_parts_that_are_begun_at_this_moment_leave_nothing(any_store, headset_of, meanwhile):
    session = session_of(estado=Estado.RUNNING)
    headset = headset_of(session)
    meanwhile(ResumableUpload, "begin", session)

    assert begin(headset, session).status_code == 404
    assert text_of_store().strip() == ""
    assert not ResumableUpload.objects.exists()


def test_a_recording_that_is_healed_at_this_moment_leaves_nothing(headset_of, meanwhile):
    session = session_of(estado=Estado.RUNNING)
    headset = headset_of(session)
    send(headset, session, SPEECH)
    default_storage.delete(Recording.objects.get().audio_url)
    meanwhile(Recording, "put", session)

    send(headset, session, SPEECH)

    assert text_of_store().strip() == ""


def test_a_survey_that_is_answered_at_this_moment_leaves_nothing(as_analyst, meanwhile):
    session = session_of()
    survey = Survey.objects.create(session=session)
    meanwhile(Survey, "change", session)

    answer = as_analyst.put(f"{API}/surveys/{survey.pk}", {"respuestas_json": {"nombre": NAME}})

    assert answer.status_code == 404
    assert NAME not in text_of_database()


def test_what_a_killed_process_brought_is_removed_by_reconciliation(any_store, browser, any_age):
    session = session_of()
    erase(browser, session)
    leave_in_store(session, key_end="3f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1e", content=SPEECH)
    default_storage.begin_parts(
        f"uploads/session_{session.pk}/4f0e8a52-6f0c-4b44-9a39-0f6d0c3a5b1e"
    )

    assert "personas borradas que se borraron: 2" in " ".join(reconcile("--dry-run"))
    assert "personas borradas que se borraron: 2" in " ".join(reconcile())

    assert text_of_store().strip() == ""
    assert not Recording.with_pending.exists()


# At the same moment


def at_once(*calls):
    """What each call returns or raises, all made at the same moment."""
    gate = Barrier(len(calls), timeout=60)

    def made(call):
        try:
            connection.ensure_connection()
            gate.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(made, calls))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(4))
def test_of_two_who_erase_at_once_one_does_and_nothing_is_left(_round):
    session, user = whole_person(), may_erase()
    code = session.session_code

    def one():
        erasure = erasing.begin([session.pk], by=user, address="")
        erasing.carry_on(erasure)
        return erasure

    made = at_once(one, one)

    assert sorted(type(each).__name__ for each in made) == ["AlreadyErased", "Erasure"]
    assert Erasure.objects.get().is_finished
    assert_nothing_is_left(session, code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(4))
def test_of_two_who_continue_at_once_nothing_is_counted_twice(_round):
    session, user = whole_person(), may_erase()
    erasure = erasing.begin([session.pk], by=user, address="")

    at_once(*[lambda: erasing.carry_on(Erasure.objects.get(pk=erasure.pk))] * 2)

    erasing.carry_on(Erasure.objects.get(pk=erasure.pk))
    assert Erasure.objects.get().removed_rows["recordings.Recording"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(6))
def test_an_upload_and_an_erasing_at_once_leave_nothing(headset_of, _round):
    session, user = session_of(estado=Estado.RUNNING), may_erase()
    code, headset = session.session_code, headset_of(session)

    def erasing_it():
        erasing.carry_on(erasing.begin([session.pk], by=user, address=""))

    answer, _erased = at_once(lambda: send(headset, session, SPEECH), erasing_it)

    assert answer.status_code in (201, 401, 404)
    assert Erasure.objects.get().is_finished
    assert_nothing_is_left(session, code, voice=SPEECH)


# The receipt


def released(items, number=1):

    release = Release.objects.create(
        number=number,
        state="ready",
        sha256="0",
        file_size=1,
        snapshot_at=timezone.now(),
        released_at=timezone.now(),
        requested_by="x",
    )
    for key, table, session in items:
        ReleaseItem.objects.create(
            release=release, table=table, key=key, session_number=session.pk, digest="0"
        )


def test_the_receipt_names_what_was_removed_and_what_cannot_be_reached(browser, eraser, as_analyst):
    session, other = whole_person(), session_of(name="Otra", email=None)
    released(
        items=[
            ("r_a", "dataset", session),
            ("r_b", "dataset", session),
            ("e_a", "surveys", session),
            ("s_b", "dataset", other),
        ]
    )
    released(number=2, items=[("s_c", "dataset", other)])
    export(as_analyst)

    erase(browser, session)
    erasure = Erasure.objects.get()
    page = browser.get(f"{ERASURES}{erasure.pk}/change/").content.decode()
    file = browser.get(f"{ERASURES}{erasure.pk}/recibo/")

    assert file["Content-Disposition"].startswith("attachment")
    for receipt in (page, file.content.decode()):
        for said in (
            f"Recibo del borrado {erasure.pk}",
            eraser.email,
            "Participantes: 1",
            "Grabaciones: 1",
            "Encuestas: 2",
            "Revisiones: 1",
            "Versión 1",
            "2 grabaciones, 1 encuesta",
            "Exportación",
            "Audio exportado",
            "copias de seguridad",
            *erasure.removed_objects,
        ):
            assert said in receipt, said
        assert "Versión 2" not in receipt
        for name in (NAME, EMAIL, session.session_code, "Ñahui"):
            assert name not in receipt


def test_an_object_is_named_by_the_digest_of_its_key(browser):
    recording = RecordingFactory(session=session_of())

    erase(browser, recording.session)

    digest = hashlib.sha256(recording.audio_url.encode()).hexdigest()
    assert Erasure.objects.get().removed_objects == {digest: recording.file_size}


def test_past_releases_go_on_being_listed(browser, as_analyst):
    session = whole_person()
    released(items=[("r_a", "dataset", session)])

    erase(browser, session)

    assert as_analyst.get(f"{API}/dataset/releases").json()["count"] == 1
    assert browser.get("/admin/dataset/release/").status_code == 200


def test_an_erasure_is_noted_of_each_session(browser, eraser):
    sessions = [session_of(), session_of()]

    erase(browser, *sessions)

    noted = AccessRecord.objects.filter(kind="erasure")
    assert sorted(noted.values_list("session_number", flat=True)) == [s.pk for s in sessions]
    assert {record.who for record in noted} == {eraser.email}
    assert {record.details["erasure"] for record in noted} == {Erasure.objects.get().pk}


# Who may


PAGES = ["/admin/personas/", "/admin/personas/datos/", "/admin/personas/borrar/"]


@pytest.mark.parametrize(
    "make_user, allowed",
    [
        (AnalystFactory, [200, 200, 403]),
        (may_erase, [200, 200, 200]),
        (SuperuserFactory, [200, 200, 200]),
        (FacilitatorFactory, [403, 403, 403]),
        (lambda: FacilitatorFactory(may_erase_people=True), [403, 403, 403]),
    ],
    ids=["analyst", "with the right", "superuser", "facilitator", "no analyst"],
)
def test_who_may_open_the_pages(browser_of, make_user, allowed):
    session, browser = whole_person(), browser_of(make_user())

    answers = [browser.get(address(path, session)).status_code for path in PAGES]
    posted = [
        browser.post(PAGES[0], {"q": NAME}).status_code,
        browser.post(address(PAGES[1], session)).status_code,
        browser.post(address(PAGES[2], session), {"confirmation": "otra cosa"}).status_code,
    ]

    assert answers == posted == allowed


def test_without_the_right_nothing_is_erased_nor_continued(browser_of, store_down):
    session = whole_person()
    erasure = erasing.begin([session.pk], by=may_erase(), address="")
    browser = browser_of(AnalystFactory())

    assert browser.post(address(ERASE, session), {"confirmation": NAME}).status_code == 403
    assert go_on(browser, erasure).status_code == 403
    assert Recording.objects.exists()
    page = browser.get(f"{ERASURES}{erasure.pk}/change/").content.decode()
    assert "Continuar" not in page
    assert "Pide a quien puede borrar" in page


@pytest.mark.parametrize("path", [*PAGES, ERASURES, f"{ERASURES}1/change/", f"{ERASURES}1/recibo/"])
def test_whoever_is_not_logged_in_is_sent_to_the_login(path):
    answer = Client().get(path)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


def test_the_buttons_that_erase_are_offered_to_who_may(browser_of):
    session = session_of()

    for user, offered in ((AnalystFactory(), False), (may_erase(), True)):
        page = browser_of(user).get(address("/admin/personas/datos/", session)).content.decode()
        assert ("Borrar para siempre" in page) == offered


@pytest.mark.parametrize("path", [*PAGES, f"{ERASURES}1/continuar/"])
def test_a_form_without_its_token_is_refused(eraser, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(eraser, backend="accounts.backends.RoleBackend")
    session = session_of()

    assert (
        browser.post(address(path, session), {"confirmation": NAME, "q": NAME}).status_code == 403
    )
    assert Participant.objects.exists()


def test_continuing_takes_a_form(browser):
    erasure = erasing.begin([whole_person().pk], by=may_erase(), address="")

    assert browser.get(f"{ERASURES}{erasure.pk}/continuar/").status_code == 405
    assert browser.get(f"{ERASURES}{erasure.pk}/change/").status_code == 200
    assert not Erasure.objects.get().is_finished


def test_receipts_are_neither_changed_nor_deleted(browser):
    erasure = erasing.begin([session_of().pk], by=may_erase(), address="")
    before = Erasure.objects.values().get()
    page = f"{ERASURES}{erasure.pk}/"

    for path in (f"{page}change/", f"{page}delete/", f"{ERASURES}add/"):
        browser.post(path, {"requested_by": "otra", "post": "yes"})

    assert Erasure.objects.values().get() == before


@pytest.mark.parametrize(
    "path", [f"{ERASURES}999/change/", f"{ERASURES}999/recibo/", f"{ERASURES}x/change/"]
)
def test_a_receipt_that_is_not_there_is_not_found(browser, path):
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/admin/personas/datos/", ERASE])
def test_a_page_takes_few_queries_however_many_sessions_are_chosen(browser, path):
    def queries(*sessions):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address(path, *sessions)).status_code == 200
        return len(captured)

    one = whole_person()
    queries(one)  # what the first request of a process caches
    of_one = queries(one)
    five = [one, *(RecordingFactory(session=session_of()).session for _number in range(4))]

    assert queries(*five) == of_one < 10


def test_the_lists_of_erasures_take_few_queries(browser):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(ERASURES).status_code == 200
        return len(captured)

    erasing.begin([session_of().pk], by=may_erase(), address="")
    queries()
    of_one = queries()
    for _number in range(4):
        erasing.begin([session_of().pk], by=may_erase(), address="")

    assert queries() == of_one < 10

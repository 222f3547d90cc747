"""What a person is handed: everything that is held, readable, whole and as it came."""

import base64
import json
from datetime import datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import AccessRecord
from accounts.tests.factories import AnalystFactory
from conftest import use_r2
from dataset.tests.people import (
    EMAIL,
    NAME,
    PERSON,
    VOICE,
    address,
    handed_over,
    messages_in,
    session_of,
    whole_person,
)
from recordings.choices import StorageFault
from recordings.models import Recording
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Participant, Session
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from toastclub.serializers import api_time
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.django_db

# What of each model is under another name, or is not the person's: keys, and who of the staff.
NOT_HANDED_OVER = {
    "Session": {"user", "text", "text_title", "text_pages", "text_tags", "erased_at", "form_token"},
    "Participant": {"session"},
    "SessionEvent": {"id", "session", "actor_kind", "user", "user_email"},
    "Recording": {"session"},
    "RecordingReview": {"id", "recording", "user", "user_email"},
    "ResumableUpload": {"session", "parts_id"},
    "UploadKey": {"id", "session"},
    "Survey": {"session", "user"},
}


@pytest.fixture
def browser(browser_of):
    return browser_of(AnalystFactory())


def data_in(archive):
    return json.loads(archive.read("datos.json"))


def test_everything_that_the_database_holds_is_in_it(browser):
    session = whole_person()
    recording, (survey, pending) = Recording.objects.get(), Survey.objects.order_by("pk")

    (handed,) = data_in(handed_over(browser, session))["sesiones"]

    assert handed["participante"] == {"nombre": NAME, "edad_aproximada": 34, "correo": EMAIL}
    assert handed["codigo"] == session.session_code
    assert (handed["titulo"], handed["descripcion"]) == (session.title, session.description)
    assert handed["texto_leido"] == {
        "id": session.text_id,
        "titulo": session.text_title,
        "etiquetas": session.text_tags,
        "palabras": session.text_words,
        "paginas": session.text_pages,
    }
    assert [event["a"] for event in handed["cambios_de_estado"]][-1] == "Completada"
    (taken,) = handed["grabaciones"]
    assert (taken["grabacion"], taken["sha256"], taken["bytes"]) == (
        recording.pk,
        recording.sha256,
        recording.file_size,
    )
    assert taken["metadatos_de_carga"] == {"visor": NAME}
    assert (taken["revision"], taken["nota"]) == ("Con problemas", f"{NAME} tose")
    assert taken["revisiones"][0]["nota"] == f"{NAME} tose"
    assert [each["encuesta"] for each in handed["encuestas"]] == [survey.pk, pending.pk]
    assert handed["encuestas"][0]["respuestas"] == {"comentario": EMAIL}
    assert handed["encuestas"][0]["preguntas"] == [f"¿Es usted {NAME}?"]
    assert handed["claves_de_subida"][0]["clave"] == f"clave-{session.session_code}"
    assert handed["subidas_por_partes"][0]["bytes"] == 9
    assert [access["que"] for access in handed["accesos"]] == ["Dirección de descarga"]


def everything_in(values):
    """Each value that is in it, at whatever depth, as JSON."""
    yield json.dumps(values, ensure_ascii=False)
    if isinstance(values, (dict, list)):
        for value in values.values() if isinstance(values, dict) else values:
            yield from everything_in(value)


def as_handed_over(row, field):
    value = getattr(row, field.attname)
    if field.choices and value:
        value = str(dict(field.choices)[value])
    elif isinstance(value, datetime):
        value = api_time(value)
    elif field.get_internal_type() == "BinaryField":
        value = base64.b64encode(bytes(value)).decode()
    elif field.get_internal_type() in ("FileField", "UUIDField"):
        value = str(value)
    elif field.name == "avisos":
        value = row.avisos_mensajes
    return json.dumps(value, ensure_ascii=False)


def test_no_field_of_any_row_was_forgotten(browser):
    """Who adds a field says in `NOT_HANDED_OVER`, or by handing it over, what becomes of it."""
    handed = set(everything_in(data_in(handed_over(browser, whole_person()))))

    for model in session_models():
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                if field.name not in NOT_HANDED_OVER[model.__name__]:
                    assert as_handed_over(row, field) in handed, (model, field)


def test_every_table_of_a_session_is_known():
    """A new table that leads to a session has to be handed over, and erased."""
    assert {model.__name__ for model in session_models()} == set(NOT_HANDED_OVER)


def session_models():
    """Sessions, and what leads to them by whatever way."""
    reached, todo = {Session}, [Session]
    while todo:
        new = {relation.related_model for relation in todo.pop()._meta.related_objects} - reached
        reached |= new
        todo += new
    return reached


def test_the_summary_is_read_by_a_person_and_runs_nothing(browser):
    session = session_of(name="<script>alert(1)</script>", title="<img src=x onerror=alert(2)>")

    summary = handed_over(browser, session).read("LEEME.html").decode()

    assert "Lo que Toast Club guarda de ti" in summary
    assert "&lt;script&gt;alert(1)" in summary
    assert "<script" not in summary
    assert "<img" not in summary
    assert "http" not in summary.replace('charset="utf-8"', "")


def test_of_the_staff_only_the_role_is_said(browser):
    session = whole_person()
    reviewer = session.recordings.get().reviews.get().user

    archive = handed_over(browser, session)

    said = archive.read("datos.json").decode() + archive.read("LEEME.html").decode()
    assert reviewer.email not in said
    assert reviewer.name not in said
    assert "203.0.113.7" not in said
    assert "Analista" in said


def test_the_audio_comes_as_it_came(any_store, browser):
    session = whole_person()
    other = RecordingFactory(session=session_of())

    archive = handed_over(browser, session, other.session)

    recording = session.recordings.get()
    assert archive.testzip() is None
    assert set(archive.namelist()) == {
        "LEEME.html",
        f"audios/sesion_{session.pk}_grabacion_{recording.pk}.wav",
        f"audios/sesion_{other.session_id}_grabacion_{other.pk}.wav",
        "datos.json",
    }
    assert archive.read(f"audios/sesion_{session.pk}_grabacion_{recording.pk}.wav") == VOICE
    (first, _second) = data_in(archive)["sesiones"]
    assert first["grabaciones"][0]["archivo"] in archive.namelist()


def test_audio_that_is_missing_is_named_and_the_rest_goes_on(any_store, browser):
    session = session_of()
    lost = RecordingFactory(session=session, content=None)
    RecordingFactory(session=session, content=VOICE)

    archive = handed_over(browser, session)

    (missing, given) = data_in(archive)["sesiones"][0]["grabaciones"]
    assert (missing["grabacion"], missing["archivo"]) == (lost.pk, None)
    assert "ya no está en el almacén" in missing["sobre_el_archivo"]
    assert "ya no está en el almacén" in archive.read("LEEME.html").decode()
    assert archive.read(given["archivo"]) == VOICE


def test_audio_that_is_known_to_be_damaged_is_given_as_it_is_and_said(browser):
    recording = RecordingFactory(session=session_of(), storage_fault=StorageFault.DAMAGED)
    default_storage.delete(recording.audio_url)
    recording.sha256 = None
    recording.put(ContentFile(VOICE))

    archive = handed_over(browser, recording.session)

    (given,) = data_in(archive)["sesiones"][0]["grabaciones"]
    assert archive.read(given["archivo"]) == VOICE
    assert "no es, byte a byte, lo que llegó" in given["sobre_el_archivo"]


def test_a_mock_that_names_somebody_elses_audio_gives_none(browser):
    others = RecordingFactory(content=VOICE)
    mock = RecordingFactory(
        session=session_of(), audio=others.audio_url, sha256=None, crc32=None, content=None
    )

    archive = handed_over(browser, mock.session)

    assert [name for name in archive.namelist() if name.startswith("audios/")] == []
    assert "grabación de prueba" in archive.read("LEEME.html").decode()


def test_a_recording_that_is_arriving_is_said(browser):
    RecordingFactory(session=session_of(), uploaded_at=None)

    archive = handed_over(browser, Session.objects.get())

    assert "Está llegando en este momento" in archive.read("LEEME.html").decode()


def test_while_the_store_is_down_nothing_is_sent_and_nothing_noted(browser, settings):
    session = whole_person()
    noted = AccessRecord.objects.count()
    use_r2(settings, ObjectStore("http://127.0.0.1:1"))

    answer = browser.post(address(PERSON, session))

    assert (answer.status_code, answer["Location"]) == (302, address(PERSON, session))
    assert AccessRecord.objects.count() == noted
    assert (
        "El almacén de audio no está disponible" in messages_in(browser.get(answer["Location"]))[0]
    )


def test_a_handover_is_noted_of_each_session_and_recording(browser):
    session, other = whole_person(), session_of()

    handed_over(browser, session, other)

    noted = AccessRecord.objects.filter(kind="handover").values_list("session_number", flat=True)
    assert sorted(noted) == [session.pk, other.pk]
    exported = AccessRecord.objects.get(kind="exported")
    assert exported.recording_number == session.recordings.get().pk


def test_who_saw_the_person_in_a_list_is_told(browser):
    session, other = whole_person(), SessionFactory()
    browser.get("/admin/sessions_app/session/")

    assert "sesiones" in browser.get(address(PERSON, session)).content.decode()
    (handed,) = data_in(handed_over(browser, session))["sesiones"]

    assert "sesiones" in [access["pagina"] for access in handed["accesos"]]
    assert AccessRecord.objects.about_sessions([other.pk]).count() == 1


def test_a_person_whose_data_are_gone_is_handed_what_is_left(browser):
    recording = RecordingFactory(session=session_of(), content=VOICE)
    Participant.objects.all().delete()

    (session,) = data_in(handed_over(browser, recording.session))["sesiones"]

    assert session["participante"] == {"nombre": "", "edad_aproximada": None, "correo": None}
    assert session["grabaciones"][0]["archivo"]


@pytest.mark.parametrize(
    "query", ["", "?sesion=", "?sesion=abc", "?sesion=999999", "?sesion=9" + "9" * 30]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_session_there_is_nothing_to_hand_over(browser, query, method):
    answer = getattr(browser, method)(f"{PERSON}{query}", follow=True)

    assert "Marca al menos una sesión" in answer.content.decode()

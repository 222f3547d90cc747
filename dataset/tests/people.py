"""A person of whom all is held that may be, and the pages that find, hand over and erase."""

import hashlib
import io
import re
import zipfile

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.tests.factories import AnalystFactory
from recordings.models import PARTS_PREFIX, ResumableUpload, UploadKey
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory

PEOPLE = "/admin/personas/"
PERSON = f"{PEOPLE}datos/"
ERASE = f"{PEOPLE}borrar/"
ERASURES = "/admin/dataset/erasure/"
NAME, EMAIL = "Juana Ñahui Quispe", "Juana.Nahui@example.com"
VOICE = b"ID3 una voz que no es de nadie mas"


def participant(name=NAME, age=34, email=EMAIL):
    return {"nombre": name, "edad_aproximada": age, "email_opcional": email}


def session_of(name=NAME, age=34, email=EMAIL, **fields):
    return SessionFactory(participant=participant(name, age, email), **fields)


def may_erase(**fields):
    return AnalystFactory(may_erase_people=True, **fields)


def whole_person(voice=VOICE):
    """The session of a person of whom everything is held that can be."""
    session = session_of(
        estado=Estado.SURVEY_PENDING, title=f"Taller de {NAME}", description=f"Viene {EMAIL}"
    )
    recording = RecordingFactory(
        session=session, content=voice, metadata_carga={"visor": NAME}, peaks=b"\1\2"
    )
    analyst = AnalystFactory(email=f"quien.revisa{session.pk}@example.com")
    recording.review("con_problemas", by=analyst, reason="otro", note=f"{NAME} tose")
    recording.hand_out_url(analyst, address="203.0.113.7", expires_in=600)
    SurveyFactory(session=session, questions=[f"¿Es usted {NAME}?"], answers={"comentario": EMAIL})
    SurveyFactory(session=session, answers=None, questions=[NAME])
    digest = hashlib.sha256(voice).hexdigest()
    UploadKey.objects.create(session=session, key=f"clave-{session.session_code}", sha256=digest)
    upload = ResumableUpload(session=session, size=9, sha256=digest, content_type="audio/wav")
    upload.begin()
    upload.save()
    return session


def leave_in_store(session, key_end="resto", content=VOICE):
    """An object that no row leads to, such as a process leaves that is killed."""
    folder = f"session_{session.pk}/"
    for key in (f"recordings/{folder}{key_end}.wav", f"{PARTS_PREFIX}{folder}{key_end}"):
        default_storage.save(key, ContentFile(content))


def search(browser, typed):
    answer = browser.post(PEOPLE, {"q": typed})
    assert answer.status_code == 200, answer.status_code
    return answer


def offered_in(answer):
    """The sessions that the page offers, and whether each is marked already."""
    boxes = re.findall(r'name="sesion" value="(\d+)"( checked)?', answer.content.decode())
    marked = {int(number) for number, checked in boxes if checked}
    return {int(number): int(number) in marked for number, _checked in boxes}


def address(path, *sessions):
    return f"{path}?{'&'.join(f'sesion={session.pk}' for session in sessions)}"


def erase(browser, *sessions, typed=NAME):
    return browser.post(address(ERASE, *sessions), {"confirmation": typed}, follow=True)


def handed_over(browser, *sessions):
    answer = browser.post(address(PERSON, *sessions))
    assert answer.status_code == 200, answer.status_code
    content = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(content)
    return zipfile.ZipFile(io.BytesIO(content))


def messages_in(answer):
    return [str(message) for message in answer.context["messages"]]


def text_of_database():
    """All that any column of any table says, as text."""
    return "\n".join(
        str(value)
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values_list()
        for value in row
    )


def text_of_store():
    """All keys, and all that the objects hold."""
    keys = [key for prefix in ("recordings/", "uploads/") for key in default_storage.keys(prefix)]
    contents = [b"".join(default_storage.chunks_of(key)) for key in keys]
    parts = [part.key for part in default_storage.unfinished_parts("uploads/")]
    return " ".join([*keys, *parts, *(content.decode(errors="replace") for content in contents)])

"""What is held about somebody as they can read it: plain values and times, under Spanish names.

Of the analysts and facilitators who are in it too, only the role is said.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import AccessRecord, User
from dataset.people.releases import held_by_releases
from recordings.models import Recording, RecordingReview, ResumableUpload, UploadKey
from recordings.models.recording import FIGURES
from sessions_app.choices import ActorKind
from sessions_app.models import Session, SessionEvent
from surveys.models import Survey

Values = dict[str, Any]

ON_THE_SERVER = "El servidor"
GONE = "Una cuenta que ya no existe"


@dataclass(frozen=True)
class Given:
    """Where a recording's audio lies in what is handed over; without it, why it is not there."""

    path: str = ""
    note: str = ""


def session_values(
    session: Session, given: Mapping[int, Given], accesses: Iterable[AccessRecord]
) -> Values:
    """All of a session that came whole, with what is given of its recordings and who saw it."""
    accesses = list(accesses)
    roles = _roles_in(accesses)
    return {
        "sesion": session.pk,
        "codigo": session.session_code,
        "estado": session.get_estado_display(),
        "titulo": session.title,
        "descripcion": session.description,
        "creada": session.created_at,
        "creada_por": role_of(session.user),
        "modificada": session.updated_at,
        "empezada": session.started_at,
        "completada": session.completed_at,
        "participante": _participant_values(session),
        "texto_leido": {
            "id": session.text_id,
            "titulo": session.text_title,
            "etiquetas": session.text_tags,
            "palabras": session.text_words,
            "paginas": session.text_pages,
        },
        "cambios_de_estado": [_event_values(event) for event in session.events.all()],
        "grabaciones": [
            _recording_values(recording, given[recording.pk])
            for recording in session.recordings.all()
        ],
        "subidas_por_partes": [_upload_values(upload) for upload in session.uploads.all()],
        "claves_de_subida": [_key_values(key) for key in session.upload_keys.all()],
        "encuestas": [_survey_values(survey) for survey in session.surveys.all()],
        "accesos": [_access_values(access, roles) for access in accesses],
        "versiones_del_dataset": [
            _release_values(release) for release in held_by_releases([session.pk])
        ],
    }


def role_of(user: User | None, *, was_there: bool = True) -> str | None:
    """What is said of an account; None where there never was one."""
    if user is not None:
        return user.get_role_display()
    return GONE if was_there else None


def _participant_values(session: Session) -> Values:
    data = session.datos_participante
    return {
        "nombre": data["nombre"],
        "edad_aproximada": data["edad_aproximada"],
        "correo": data["email_opcional"],
    }


def _event_values(event: SessionEvent) -> Values:
    is_account = event.actor_kind == ActorKind.USER
    who = role_of(event.user) if is_account else event.get_actor_kind_display()
    return {
        "de": event.get_from_estado_display(),
        "a": event.get_to_estado_display(),
        "cuando": event.at,
        "quien": who,
    }


def _recording_values(recording: Recording, given: Given) -> Values:
    return {
        "grabacion": recording.pk,
        "archivo": given.path or None,
        "sobre_el_archivo": given.note,
        "creada": recording.created_at,
        "subida": recording.uploaded_at,
        "formato": recording.formato,
        "bytes": recording.file_size,
        "sha256": recording.sha256,
        "crc32": recording.crc32,
        "clave_en_el_almacen": recording.audio_url,
        "fallo_en_el_almacen": recording.get_storage_fault_display() or None,
        "medidas": {figure: getattr(recording, figure) for figure in FIGURES},
        "medida": recording.is_processed,
        "contorno_del_sonido": _as_text(recording.peaks),
        "avisos": recording.avisos_mensajes,
        "metadatos_de_carga": recording.metadata_carga,
        "revision": recording.get_review_state_display(),
        "motivo": recording.get_review_reason_display() or None,
        "nota": recording.review_note,
        "revisada": recording.reviewed_at,
        "revisiones": [_review_values(review) for review in recording.reviews.all()],
    }


def _as_text(content: Any) -> str | None:
    return None if content is None else base64.b64encode(bytes(content)).decode()


def _review_values(review: RecordingReview) -> Values:
    return {
        "de": review.get_from_state_display(),
        "a": review.get_to_state_display(),
        "motivo": review.get_reason_display() or None,
        "nota": review.note,
        "cuando": review.at,
        "quien": role_of(review.user),
    }


def _upload_values(upload: ResumableUpload) -> Values:
    return {
        "subida": str(upload.pk),
        "empezada": upload.created_at,
        "bytes": upload.size,
        "sha256": upload.sha256,
        "formato": upload.content_type,
        "grabacion": upload.recording_id,
    }


def _key_values(key: UploadKey) -> Values:
    return {"clave": key.key, "sha256": key.sha256}


def _survey_values(survey: Survey) -> Values:
    return {
        "encuesta": survey.pk,
        "creada": survey.created_at,
        "creada_por": role_of(survey.user, was_there=False),
        "completada": survey.completed_at,
        "preguntas": survey.questions,
        "respuestas": survey.respuestas_json,
    }


def _access_values(access: AccessRecord, roles: Mapping[int, str]) -> Values:
    number = access.user_number
    return {
        "cuando": access.at,
        "que": access.get_kind_display(),
        "pagina": access.details.get("page"),
        "quien": ON_THE_SERVER if number is None else roles.get(number, GONE),
        "grabacion": access.recording_number,
        "version_del_dataset": access.release_number,
    }


def _release_values(release: Mapping[str, Any]) -> Values:
    return {
        "version": release["number"],
        "publicada": release["released_at"],
        "grabaciones": release["recordings"],
        "sesiones_sin_grabacion": release["sessions"],
        "encuestas": release["surveys"],
    }


def _roles_in(accesses: Iterable[AccessRecord]) -> dict[int, str]:
    """The role of each account that is still there, by its number."""
    numbers = {access.user_number for access in accesses if access.user_number is not None}
    users = User.objects.filter(pk__in=numbers).only("pk", "role")
    return {user.pk: user.get_role_display() for user in users}

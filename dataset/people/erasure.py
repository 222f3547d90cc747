"""Erasing a person: data, voice and copies, for ever, and what is said of it afterwards.

An erasure is begun in one transaction that removes all that the database alone holds and seals
the sessions. The audio follows, objects before the rows that lead to them. Whatever breaks it off,
it is carried on from what is still there.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Max, Q

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from dataset.models import Erasure
from dataset.people.releases import held_by_releases
from dataset.releases import LOCK, BuildUnderWay
from recordings.models import PARTS_PREFIX, Recording, ResumableUpload, UploadKey
from recordings.models.recording import folder_of
from recordings.storages import StoredObject
from recordings.temporary import sweep_all
from sessions_app.models import Participant, Session
from surveys.models import Survey
from toastclub.connections import release_connection
from toastclub.errors import ToastClubError
from toastclub.locks import lock

ATTEMPTS = 3  # to find nothing more of a session in the store
# What left with the data of the whole dataset, and what left of a session by itself.
OF_THE_DATASET = (AccessKind.EXPORT, AccessKind.IDENTIFIABLE, AccessKind.LISTING)
OF_A_SESSION = (AccessKind.URL, AccessKind.FILE, AccessKind.EXPORTED, AccessKind.HANDOVER)


class AlreadyErased(ToastClubError):
    message = "Los datos de esas sesiones ya se borraron, o se están borrando."


class ErasureUnderWay(ToastClubError):
    message = "Alguien está haciendo ese borrado ahora mismo. Mira dentro de un minuto si terminó."


class StillThere(ToastClubError):
    message = (
        "El almacén sigue mostrando audio que se le pidió borrar. Mira si el bucket lo permite, "
        "y continúa el borrado."
    )


@transaction.atomic
def begin(numbers: Sequence[int], *, by: User, address: str) -> Erasure:
    """Erases what the database alone holds of those sessions; nothing comes to them any more.

    Sessions that have gone or that another erasure has taken are left out; `AlreadyErased` if
    none remains. Of several that begin at once each session is of one.
    """
    sessions = list(
        Session.objects.defer("text_pages", "text_tags")
        .filter(pk__in=numbers, erased_at=None)
        .select_for_update()
        .order_by("pk")
    )
    if not sessions:
        raise AlreadyErased
    for session in sessions:
        session.seal()
    erasure = Erasure.objects.create(
        requested_by=by.email,
        session_numbers=[session.pk for session in sessions],
        data_since=min(session.created_at for session in sessions),
    )
    _remove_rows(erasure)
    AccessRecord.objects.note_sessions(
        AccessKind.ERASURE, erasure.session_numbers, by=by, address=address, erasure=erasure.pk
    )
    return erasure


def carry_on(erasure: Erasure) -> None:
    """Removes what is left of it, and finishes it; nothing if that has been done.

    Raises `StoreUnavailable`, `ErasureUnderWay`, `BuildUnderWay` as long as a release is being
    built that may hold the person still, or `StillThere`; then it can be carried on later.
    """
    with lock(f"erasure {erasure.pk}") as came:
        if not came:
            raise ErasureUnderWay
        erasure.refresh_from_db()
        if not erasure.is_finished:
            sweep_all(settings.DATA_DIR)
            for number in erasure.session_numbers:
                _remove_audio(erasure, number)
            _finish(erasure)


def _remove_rows(erasure: Erasure) -> None:
    """Those that lead to no object."""
    numbers = erasure.session_numbers
    for rows in (
        Participant.objects.filter(session__in=numbers),
        Survey.objects.filter(session__in=numbers),
        UploadKey.objects.filter(session__in=numbers),
    ):
        _total, removed = rows.delete()
        erasure.note_rows(removed)


def _remove_audio(erasure: Erasure, number: int) -> None:
    """Objects first: should the store fail, the rows that lead to them are still there.

    What arrives at this moment is never settled, for the session is sealed: whoever brings it
    removes it again.
    """
    for _attempt in range(ATTEMPTS):
        erasure.note_objects(_objects_of(number))
        _remove_what_rows_lead_to(number)
        _remove_what_lies_there(number)
        _remove_rows_of_audio(erasure, number)
        if not _is_anything_there(number):  # whoever healed a recording may have come in between
            return
    raise StillThere


@transaction.atomic
def _remove_rows_of_audio(erasure: Erasure, number: int) -> None:
    for rows in (ResumableUpload.objects, Recording.with_pending):
        _total, removed = rows.filter(session=number).delete()
        erasure.note_rows(removed)


def _objects_of(number: int) -> Iterator[StoredObject]:
    for prefix in _prefixes(number):
        yield from _store().objects(prefix)


def _remove_what_rows_lead_to(number: int) -> None:
    for upload in ResumableUpload.objects.filter(session=number):
        upload.discard()
    for recording in Recording.with_pending.filter(session=number):
        recording.delete_object()


def _remove_what_lies_there(number: int) -> None:
    """Also what no row leads to: copies, and what was left by processes that were killed."""
    storage = _store()
    for prefix in _prefixes(number):
        for parts in list(storage.unfinished_parts(prefix)):
            storage.discard_parts(parts.key, parts.parts_id)
        for key in list(storage.keys(prefix)):
            storage.delete(key)


def _is_anything_there(number: int) -> bool:
    return any(
        any(found)
        for prefix in _prefixes(number)
        for found in (_store().keys(prefix), _store().unfinished_parts(prefix))
    )


def _prefixes(number: int) -> tuple[str, str]:
    return folder_of(number), f"{PARTS_PREFIX}session_{number}/"


def _finish(erasure: Erasure) -> None:
    with lock(LOCK) as came:
        if not came:
            raise BuildUnderWay
        held = held_by_releases(erasure.session_numbers)
        erasure.finish(
            held_by_releases=held,
            handed_out=_handed_out(erasure, [release["number"] for release in held]),
        )


def _handed_out(erasure: Erasure, releases: list[int]) -> list[dict[str, Any]]:
    """What left before, by kind and by who got it: nobody can take it back from here."""
    everything = Q(kind__in=OF_THE_DATASET, at__gte=erasure.data_since)
    own = Q(kind__in=OF_A_SESSION, session_number__in=erasure.session_numbers)
    release = Q(kind=AccessKind.RELEASE, release_number__in=releases)
    accesses = (
        AccessRecord.objects.filter(everything | own | release, at__lte=erasure.requested_at)
        .values("kind", "who")
        .annotate(times=Count("at", distinct=True), last=Max("at"))
        .order_by("kind", "who")
    )
    return list(accesses)


def _store() -> Any:
    """The store; no connection to the database is held while it is asked."""
    release_connection()
    return default_storage

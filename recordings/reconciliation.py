"""Bringing the rows of recordings and the objects in the store together again.

A process that dies, a store that answers too late or a database that goes away leave one without
the other. Each case is decided so that several may meet it at once, and beside uploads that are
under way: what one of them does, the others find done or do again to no harm.

No audio that arrived whole is deleted unless it is stored a second time: what belongs to no
session any more is counted, and deleted only when that is asked for.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from recordings import resumable
from recordings.audio import NotAudio
from recordings.choices import StorageFault
from recordings.models import (
    KEY_PREFIX,
    PARTS_PREFIX,
    UPLOAD_LIFETIME,
    Recording,
    ResumableUpload,
)
from recordings.receiving import Checksums, checksums_of, local_copy
from recordings.services import TooManyRecordings, identify, measure_in_turn
from recordings.storages import Parts
from sessions_app.actors import SYSTEM
from sessions_app.models import Session
from toastclub.errors import Conflict, NotFound, ServiceUnavailable

logger = logging.getLogger(__name__)

KEYS_AT_A_TIME = 500
_SESSION_IN_KEY = re.compile(rf"(?:{KEY_PREFIX}|{PARTS_PREFIX})session_([0-9]{{1,18}})/[^/]+")


class Finding(StrEnum):
    """What was found and what became of it, in the words of the command's report."""

    FINISHED = "subidas interrumpidas que se terminaron"
    DROPPED = "subidas interrumpidas que se descartaron"
    ADOPTED = "audios sin grabación que se adoptaron"
    DUPLICATE = "copias de más que se borraron"
    MISSING = "grabaciones cuyo audio no está"
    DAMAGED = "grabaciones cuyo audio no es el que llegó"
    SOUND = "grabaciones cuyo audio vuelve a estar bien"
    COMPLETED = "subidas por partes que se completaron"
    ABORTED = "subidas por partes que se cancelaron"
    NO_ROOM = "subidas por partes que no caben en su sesión (se dejan como están)"
    LEFTOVER = "restos de subidas por partes que se borraron"
    ORPHAN = "audios de sesiones que no existen (se dejan como están)"
    ORPHAN_DELETED = "audios de sesiones que no existen que se borraron"
    ERASED = "audios de personas borradas que se borraron"
    NOT_AUDIO = "objetos que no son una grabación (se dejan como están)"
    UNREADABLE = "cosas que no se pudieron leer ahora"

    @property
    def is_left(self) -> bool:
        """Whether nothing becomes of it, and the next run will find it again."""
        return self in (Finding.NO_ROOM, Finding.ORPHAN, Finding.NOT_AUDIO)


class Found(NamedTuple):
    """One thing that was looked at."""

    name: str  # its key in the store, or the id of an upload in parts
    finding: Finding | None  # None if all is well with it


@dataclass
class Reconciliation:
    """One run. `steps` yields each thing that it looks at."""

    storage: Any
    deep: bool = False  # reads every object and compares its checksums
    delete_orphans: bool = False
    dry_run: bool = False
    _keys: set[str] = field(default_factory=set)

    def steps(self) -> Iterator[Found]:
        self.storage.check()
        yield from _each(_pending(), self._finish_or_drop)
        yield from _each(self._keys_without_row(), self._adopt)
        yield from _each(_stored(), self._compare_existence)
        yield from _each(_open_upload_ids(), self._complete_or_abort)
        yield from _each(self.storage.unfinished_parts(PARTS_PREFIX), self._discard_parts)
        yield from _each(self.storage.keys(PARTS_PREFIX), self._take_in_joined)
        if self.deep:
            yield from _each(_stored(), self._compare_checksums)

    def _finish_or_drop(self, pending: Recording) -> Finding | None:
        """A row that waits for its object, or for somebody to notice that it is there."""
        try:
            with local_copy(self.storage.chunks_of(pending.audio_url)) as (path, checksums):
                if checksums.sha256 == pending.sha256:
                    return self._finish(pending, path)
        except FileNotFoundError:
            # It may be on its way: the object is left to whoever sends it.
            return self._drop(pending)
        if not self.dry_run:
            pending.delete_object()
        return self._drop(pending)

    def _drop(self, pending: Recording) -> Finding | None:
        return Finding.DROPPED if self.dry_run or pending.drop() else None

    def _finish(self, pending: Recording, path: Path) -> Finding | None:
        if self.dry_run:
            return Finding.FINISHED
        pending.note_measurement(measure_in_turn(path))
        settled = pending.settle_if_pending(by=SYSTEM)
        if settled is None:
            return None
        if settled != pending:
            pending.give_way_to(settled)
            return Finding.DUPLICATE
        return Finding.FINISHED

    def _keys_without_row(self) -> Iterator[str | None]:
        keys = self.storage.keys(KEY_PREFIX)
        while batch := list(islice(keys, KEYS_AT_A_TIME)):
            self._keys.update(batch)
            rows = Recording.with_pending.filter(audio__in=batch, sha256__isnull=False)
            known = set(rows.values_list("audio", flat=True))
            yield from (key if key not in known else None for key in batch)

    def _adopt(self, key: str | None) -> Finding | None:
        """An object that no row tells of. Its key says whose it is."""
        if key is None:
            return None
        number = _SESSION_IN_KEY.fullmatch(key)
        if number is None:
            return Finding.NOT_AUDIO
        session = Session.objects.filter(pk=int(number[1])).first()
        if session is None:
            return self._orphan(key)
        if session.erased_at is not None:
            return self._erase(key)
        try:
            with local_copy(self.storage.chunks_of(key)) as (path, checksums):
                return self._take_in(session, key, path, checksums)
        except FileNotFoundError:  # deleted since it was listed
            return None

    def _orphan(self, key: str) -> Finding:
        if not self.delete_orphans:
            return Finding.ORPHAN
        if not self.dry_run:
            self.storage.delete(key)
        return Finding.ORPHAN_DELETED

    def _erase(self, key: str) -> Finding:
        """What a process that was killed has sent to a session as it was erased."""
        if not self.dry_run:
            self.storage.delete(key)
        return Finding.ERASED

    def _take_in(
        self, session: Session, key: str, path: Path, checksums: Checksums
    ) -> Finding | None:
        twin = session.recordings.filter(sha256=checksums.sha256).first()
        if twin is not None:
            return self._remove_duplicate(twin, key)
        if not checksums.size:
            return Finding.NOT_AUDIO
        try:
            recording = identify(session, path, checksums)
        except NotAudio:
            return Finding.NOT_AUDIO
        recording.note_measurement(measure_in_turn(path))
        if key.startswith(KEY_PREFIX):
            recording.audio = key
        return self._give_row(recording, key)

    def _remove_duplicate(self, twin: Recording, key: str) -> Finding | None:
        if twin.audio_url == key:  # it got its row since the rows were asked for
            return None
        if not self.dry_run:
            twin.heal_from(key)
            self.storage.delete(key)
        return Finding.DUPLICATE

    def _give_row(self, recording: Recording, key: str) -> Finding | None:
        if self.dry_run:
            return Finding.ADOPTED
        try:
            with transaction.atomic():
                recording.save()
        except IntegrityError:  # somebody else adopts it, or the session has been deleted
            if not Session.objects.filter(pk=recording.session_id).exists():
                self.storage.delete(key)
            return None
        recording.copy_from(key)  # in place, if it is its own: so that it gets its name
        try:
            settled = recording.settle(by=SYSTEM)
        except NotFound:  # the session has been deleted or erased at this moment
            recording.drop()
            recording.delete_object()
            self.storage.delete(key)
            return None
        if settled != recording:
            recording.give_way_to(settled)
        if key != recording.audio_url:
            self.storage.delete(key)
        return Finding.ADOPTED

    def _compare_existence(self, recording: Recording) -> Finding | None:
        is_missing = recording.storage_fault == StorageFault.MISSING
        if (recording.audio_url in self._keys) != is_missing:
            return None
        # Looked at again: it may have been stored or deleted since the objects were listed.
        if self.storage.exists(recording.audio_url) != is_missing:
            return None
        return self._mark(recording, "" if is_missing else StorageFault.MISSING)

    def _compare_checksums(self, recording: Recording) -> Finding | None:
        arrived = self._checksums_of(recording.audio_url)
        if arrived is None:
            return None
        is_damaged = recording.storage_fault == StorageFault.DAMAGED
        if (arrived.sha256 != recording.sha256) == is_damaged:
            return None
        return self._mark(recording, "" if is_damaged else StorageFault.DAMAGED)

    def _mark(self, recording: Recording, fault: str) -> Finding:
        if not self.dry_run:
            recording.mark(fault)
        return Finding[StorageFault(fault).name] if fault else Finding.SOUND

    def _complete_or_abort(self, upload_id: UUID) -> Finding | None:
        """An upload whose parts are joined is finished; what is too old, finished or aborted."""
        uploads = ResumableUpload.objects.open().select_related("session")
        upload = uploads.filter(pk=upload_id).first()
        if upload is None or not (upload.is_expired or upload.is_joined()):
            return None
        if upload.has_arrived():
            return self._complete(upload)
        return self._abort(upload)

    def _complete(self, upload: ResumableUpload) -> Finding | None:
        if self.dry_run:
            return Finding.COMPLETED
        try:
            resumable.complete_upload(upload, by=SYSTEM)
        except (resumable.BytesDiffer, NotAudio):
            return self._abort(upload)
        except TooManyRecordings:
            return Finding.NO_ROOM
        except Conflict:  # somebody else completes or aborts it at this moment
            return None
        return Finding.COMPLETED

    def _abort(self, upload: ResumableUpload) -> Finding | None:
        return Finding.ABORTED if self.dry_run or upload.abort() else None

    def _discard_parts(self, parts: Parts) -> Finding | None:
        """Parts that no upload tells of; young ones may be about to get theirs."""
        is_young = timezone.now() - parts.begun_at < UPLOAD_LIFETIME
        upload = _upload_at(parts.key)
        if is_young or (upload is not None and upload.parts_id == parts.parts_id):
            return None
        if not self.dry_run:
            self.storage.discard_parts(parts.key, parts.parts_id)
        return Finding.LEFTOVER

    def _take_in_joined(self, key: str) -> Finding | None:
        """Parts that were joined: the copy of a recording, or a voice whose upload is lost."""
        upload = _upload_at(key)
        if upload is None:
            return self._adopt(key)
        if upload.recording_id is None:
            return None
        if not self.dry_run:
            self.storage.delete(key)
        return Finding.LEFTOVER

    def _checksums_of(self, key: str) -> Checksums | None:
        try:
            return checksums_of(self.storage.chunks_of(key))
        except FileNotFoundError:
            return None


def _each(things: Iterable[Any], judge: Callable[[Any], Finding | None]) -> Iterator[Found]:
    """One that can't be read does not keep the others from being looked at."""
    for thing in things:
        try:
            finding = judge(thing)
        except ServiceUnavailable:
            finding = Finding.UNREADABLE
        except NotFound:  # deleted while it was looked at
            finding = None
        except (OperationalError, InterfaceError):  # nothing more can be done without the database
            raise
        except Exception:  # a fault of ours, which must not end every run at the same thing
            logger.exception("Reconciliation failed at one thing and goes on with the next")
            finding = Finding.UNREADABLE
        yield Found(_name_of(thing), finding)


def _name_of(thing: Any) -> str:
    if isinstance(thing, Recording):
        return thing.audio_url
    return thing.key if isinstance(thing, Parts) else str(thing)


def _pending() -> QuerySet[Recording]:
    return Recording.with_pending.filter(uploaded_at__isnull=True, sha256__isnull=False)


def _stored() -> Iterator[Recording]:
    return Recording.objects.filter(sha256__isnull=False).iterator()


def _open_upload_ids() -> list[UUID]:
    """All at once: completing one gives back the connection that a cursor would read from."""
    return list(ResumableUpload.objects.open().values_list("pk", flat=True))


def _upload_at(key: str) -> ResumableUpload | None:
    """The upload, open or finished, that keeps its parts there."""
    try:
        return ResumableUpload.objects.by_id(key.rpartition("/")[2])
    except NotFound:
        return None

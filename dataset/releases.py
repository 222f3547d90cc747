"""Versions of the dataset that never change: built by a worker, kept in the store."""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError

from dataset.archive import archive, archive_size
from dataset.choices import Change, Split
from dataset.columns import (
    RELEASE_SURVEY,
    RELEASE_TAKE,
    Answered,
    Column,
    Kind,
    Table,
    Take,
)
from dataset.csv_tables import Cells, csv_line, csv_lines
from dataset.identities import SPLIT_SEED, Pseudonyms
from dataset.layouts import AUDIO_FOLDER, Layout
from dataset.models import Release, ReleaseItem
from dataset.models.release import KEY_PREFIX
from dataset.package import Package, packed
from dataset.selection import everything
from dataset.spool import RowSpool
from dataset.tables import SURVEYS, TAKES, Gathering, survey_table
from recordings.models.recording import extension_of
from recordings.outages import StoreUnavailable
from recordings.receiving import Checksums, checksums_of
from toastclub.errors import ToastClubError
from toastclub.locks import lock

logger = logging.getLogger(__name__)

LOCK = "release"  # of whoever builds or rebuilds
CHANGELOG = "changelog"
ITEMS_AT_A_TIME = 1000
PROGRESS_BYTES = 32 * 1024 * 1024
CHANGELOG_COLUMNS = [
    Column("tabla", Kind.TEXT, "Tabla de la fila: dataset o surveys", lambda row: row[0].table),
    Column(
        "clave",
        Kind.TEXT,
        "Clave de la fila: de la grabación, de la sesión sin grabaciones o de la encuesta",
        lambda row: row[0].key,
    ),
    Column(
        "cambio",
        Kind.TEXT,
        "Qué fue de ella desde la versión anterior: added (añadida), removed (quitada) o changed "
        "(cambiada)",
        lambda row: str(row[1]),
    ),
]
_TAKE_CELLS = Cells(RELEASE_TAKE)
_SURVEY_CELLS = Cells(RELEASE_SURVEY)
UNEXPECTED = "Hubo un error inesperado: está en el registro del servidor."
ASK_AGAIN = "Después, vuelve a pedir la versión."


class Superseded(ToastClubError):
    message = "Otro proceso ha empezado a crear la misma versión."


class BuildUnderWay(ToastClubError):
    message = "Se está creando una versión. Vuelve a intentarlo cuando haya terminado."


class NotReleased(ToastClubError):
    message = "No hay ninguna versión %(number)s del dataset."

    def __init__(self, number: int) -> None:
        super().__init__(self.message % {"number": number})


class DataChanged(ToastClubError):
    message = (
        "La versión %(number)s no se puede rehacer: los datos, o la forma en que se escriben, ya "
        "no son los mismos."
    )

    def __init__(self, release: Release) -> None:
        super().__init__(self.message % {"number": release.number})


class ReleaseLayout(Layout):
    """Files and rows go by keys of their own, by which nobody finds the session again."""

    form = "release"

    def __init__(self, release: Release) -> None:
        self.software_version = release.software_version
        self.splits = {str(split): {"sessions": 0, "recordings": 0} for split in Split}
        self.changes = {str(change): 0 for change in Change}
        self.further_tables = [Table(CHANGELOG, CHANGELOG_COLUMNS, self._changed_items)]
        self._release = release
        self._items = RowSpool()

    def audio_path(
        self, *, session_code: str, recording_id: int, key: str, pseudonyms: Pseudonyms
    ) -> str:
        return f"{AUDIO_FOLDER}/{pseudonyms.recording(recording_id)}.{extension_of(key)}"

    def recording_name(self, number: int, pseudonyms: Pseudonyms) -> str:
        return pseudonyms.recording(number)

    def tables(self, gathering: Gathering) -> Iterator[Table]:
        yield Table(TAKES, RELEASE_TAKE, partial(gathering.takes, with_pages=True))
        yield survey_table(gathering, RELEASE_SURVEY)

    def note(self, gathering: Gathering) -> None:
        """Keeps what the changelog compares, and counts the splits."""
        for take in gathering.takes(with_pages=True):
            key = gathering.pseudonyms.session(take.session.id)
            if take.recording:
                key = gathering.pseudonyms.recording(take.recording.id)
            self._items.append([TAKES, key, take.session.id, _digest_of_take(take)])
        for row in gathering.answers:
            key = gathering.pseudonyms.survey(row.survey_id)
            self._items.append([SURVEYS, key, row.session.id, _digest_of_survey(row)])
        self._count_splits(gathering)

    def documents(self, package: Package) -> Iterator[tuple[str, Iterable[bytes]]]:
        self._store_items()
        self._items.close()
        yield f"{CHANGELOG}.{self.suffix}", csv_lines(self.further_tables[0])

    def facts(self) -> dict[str, Any]:
        splits = {"seed": SPLIT_SEED, **self.splits}
        release = {"number": self._release.number, "splits": splits, "changes": self.changes}
        return {"release": release}

    def _count_splits(self, gathering: Gathering) -> None:
        for row in gathering.participations():
            counts = self.splits[gathering.pseudonyms.split(row.session)]
            counts["sessions"] += 1
            counts["recordings"] += row.recordings_count

    def _store_items(self) -> None:
        rows = iter(self._items)
        with self._release.building() as is_ours:
            if not is_ours:
                raise Superseded
            while batch := list(islice(rows, ITEMS_AT_A_TIME)):
                ReleaseItem.objects.bulk_create(
                    ReleaseItem(
                        release=self._release,
                        table=table,
                        key=key,
                        session_number=session,
                        digest=digest,
                    )
                    for table, key, session, digest in batch
                )

    def _changed_items(self) -> Iterator[tuple[ReleaseItem, Change]]:
        for change in Change:
            for item in self._release.items_with(change).iterator(ITEMS_AT_A_TIME):
                self.changes[change] += 1
                yield item, change


class RebuildLayout(ReleaseLayout):
    def _store_items(self) -> None:
        """They are those of the release that is being rebuilt."""


def build(number: int) -> bool:
    """Builds that release if it is still wanted; False if another build is under way.

    Whatever an earlier attempt has left is removed first. There is no release before all of it is
    in the store; what keeps it from being built is said in its row.
    """
    with lock(LOCK) as came:
        if not came:
            return False
        release = Release.objects.unfinished().filter(number=number).first()
        if release is not None:
            _build_or_fail(release)
    return True


def rebuild(number: int, *, dry_run: bool = False) -> tuple[Release, bool]:
    """Builds a release again from the data as they are, and mends it if the store's is not it.

    Returns it, and whether the store had it. A dry run only compares. `NotReleased` if there is
    none of that number; `DataChanged` if its bytes are not the same, and then nothing is stored;
    `BuildUnderWay` if a worker is building.
    """
    release = Release.objects.ready().filter(number=number).first()
    if release is None:
        raise NotReleased(number)
    with lock(LOCK) as came:
        if not came:
            raise BuildUnderWay
        return release, _rebuild(release, dry_run=dry_run)


def _rebuild(release: Release, *, dry_run: bool) -> bool:
    with packed(everything(), RebuildLayout(release), moment=release.snapshot_at) as package:
        checksums = checksums_of(archive(package))
        if checksums.sha256 != release.sha256:
            raise DataChanged(release)
        if _is_stored(release):
            return True
        if not dry_run:
            _store(release, archive(package), archive_size(package))
            if not _is_stored(release):
                raise StoreUnavailable
        return False


def _build_or_fail(release: Release) -> None:
    try:
        _build(release)
    except ToastClubError as error:
        logger.warning("Release %s could not be built: %s", release.number, type(error).__name__)
        release.fail(f"{error.detail} {ASK_AGAIN}")
    except (OperationalError, InterfaceError):
        raise  # without the database nothing can be said of it
    except Exception:
        logger.exception("Release %s could not be built", release.number)
        release.fail(f"{UNEXPECTED} {ASK_AGAIN}")


def _build(release: Release) -> None:
    if not release.begin():
        return  # another one has made it meanwhile
    _remove_leftovers()
    layout = ReleaseLayout(release)
    with packed(everything(), layout) as package:
        checksums, size = Checksums(), archive_size(package)
        _say(release, 0, size)
        _store(release, _watched(archive(package), release, checksums, size), size)
        is_ready = release.finish(
            snapshot_at=package.moment,
            file_size=checksums.size,
            sha256=checksums.sha256,
            counts=package.counts,
            splits=layout.splits,
            changes=layout.changes,
        )
    if not is_ready:
        default_storage.delete(release.key)


def _remove_leftovers() -> None:
    """Removes what builds that never ended have stored."""
    storage: Any = default_storage
    for parts in list(storage.unfinished_parts(KEY_PREFIX)):
        storage.abort_parts(parts.key, parts.parts_id)
    ready = set(Release.objects.ready().values_list("key", flat=True))
    for key in list(storage.keys(KEY_PREFIX)):
        if key not in ready:
            storage.delete(key)


def _is_stored(release: Release) -> bool:
    storage: Any = default_storage
    try:
        return checksums_of(storage.chunks_of(release.key)).sha256 == release.sha256
    except FileNotFoundError:
        return False


def _store(release: Release, pieces: Iterable[bytes], size: int) -> None:
    storage: Any = default_storage
    storage.store_all(
        release.key,
        pieces,
        size=size,
        content_type="application/zip",
        disposition=f'attachment; filename="{release.file_name}"',
    )


def _watched(
    pieces: Iterable[bytes], release: Release, checksums: Checksums, size: int
) -> Iterator[bytes]:
    """The same pieces, counted, and how far they are of that size said now and then."""
    said = 0
    for piece in pieces:
        checksums.update(piece)
        if checksums.size - said >= PROGRESS_BYTES:
            said = checksums.size
            _say(release, said, size)
        yield piece


def _say(release: Release, stored: int, size: int) -> None:
    if not release.note_progress(stored, of=size):
        raise Superseded


def _digest_of_take(take: Take) -> str:
    return hashlib.sha256(csv_line(_TAKE_CELLS.of(take))).hexdigest()


def _digest_of_survey(row: Answered) -> str:
    own = csv_line(_SURVEY_CELLS.of(row))
    return hashlib.sha256(own + json.dumps(row.answers).encode()).hexdigest()

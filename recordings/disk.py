"""Where the voices are without an S3 store: a private folder, with the calls of `R2Storage`."""

import contextlib
import errno
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from django.core import signing
from django.core.files.storage import FileSystemStorage
from django.http import UnreadablePostError
from django.utils.translation import gettext_lazy as _

from recordings.outages import StoreUnavailable, reporting_outages
from recordings.storages import CHUNK_BYTES, Parts, StoredObject, StoredPart
from recordings.temporary import claimed_file
from toastclub.errors import NotFound

DOWNLOAD_SALT = "recordings.files"
PART_SALT = "recordings.parts"
INCOMING = "incoming"  # where files are until they are whole
PARTS = ".parts"  # what a folder of parts has behind the key of the object to be


class PartsGone(NotFound):
    message = _("La subida ya no está abierta.")


class SignedFileSystemStorage(FileSystemStorage):
    """A folder that is read and written only under addresses signed for a time."""

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        with reporting_outages():
            self._make_folder(target.parent)
            self._write(target, content.chunks())
        return name

    def _write(self, target: Path, chunks: Iterable[bytes]) -> None:
        """Writes a file that has its name only once it is whole, and on the disk."""
        self._make_folder(incoming := Path(self.location) / INCOMING)
        with claimed_file(incoming, delete=False) as file:
            try:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink()
                raise
        _sync(target.parent)

    def store_all(
        self,
        key: str,
        chunks: Iterable[bytes],
        *,
        size: int,
        content_type: str,
        disposition: str,
    ) -> None:
        target = Path(self.path(key))
        with reporting_outages():
            self._make_folder(target.parent)
            self._write(target, chunks)

    def _open(self, name: str, mode: str = "rb") -> Any:
        if not self.exists(name):
            raise FileNotFoundError(name)
        with reporting_outages(FileNotFoundError):
            return super()._open(name, mode)  # type: ignore[misc]  # the stubs leave it out

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: an object that is stored again replaces the first."""
        return name

    def chunks_of(self, key: str) -> Iterator[bytes]:
        with self.open(key) as file, reporting_outages():
            yield from file.chunks(CHUNK_BYTES)

    def exists(self, name: str) -> bool:
        """Whether a file has that name: a folder is none, as it is none in a bucket."""
        with reporting_outages():
            self._check_is_there()
            try:
                return Path(self.path(name)).is_file()
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    return False
                raise

    def which_exist(self, keys: Iterable[str]) -> set[str]:
        return {key for key in keys if self.exists(key)}

    def part_of(self, key: str, start: int, size: int, *, stopped: Event) -> bytes:
        with self.open(key) as file, reporting_outages():
            file.seek(start)
            return file.read(size)

    def delete(self, name: str) -> None:
        with reporting_outages():
            self._check_is_there()
            super().delete(name)

    def copy(self, source: str, target: str, *, content_type: str, disposition: str) -> None:
        copied = Path(self.path(target))
        with reporting_outages(FileNotFoundError):
            self._make_folder(copied.parent)
            self._write(copied, self.chunks_of(source))

    def keys(self, prefix: str) -> Iterator[str]:
        return (found.key for found in self.objects(prefix))

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        with reporting_outages():
            self._check_is_there()
            for file in sorted(Path(self.location).glob(f"{prefix}**/*")):
                if file.is_file() and not file.parent.name.endswith(PARTS):
                    with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
                        size = file.stat().st_size
                        yield StoredObject(str(file.relative_to(self.location)), size)

    def address_of(self, key: str, *, expires_in: int, download_id: int | None) -> str:
        token = signing.dumps([key, _expiry(expires_in), download_id], salt=DOWNLOAD_SALT)
        return f"/files/{token}"

    def begin_parts(self, key: str) -> str:
        parts_id = uuid.uuid4().hex
        with reporting_outages():
            self._make_folder(self._parts_folder(key, parts_id))
        return parts_id

    def part_address(self, key: str, parts_id: str, number: int, *, expires_in: int) -> str:
        token = signing.dumps([key, _expiry(expires_in), parts_id, number], salt=PART_SALT)
        return f"/files/{token}"

    def store_part(self, part: "SignedPart", chunks: Iterable[bytes]) -> None:
        """Stores a part once it is whole; `PartsGone` if its upload was discarded."""
        with reporting_outages(UnreadablePostError):
            try:
                folder = self._parts_folder(part.key, part.parts_id)
                self._write(folder / str(part.number), chunks)
            except FileNotFoundError as error:
                raise PartsGone from error

    def stored_parts(self, key: str, parts_id: str) -> dict[int, StoredPart]:
        with reporting_outages(FileNotFoundError):
            parts = self._parts_folder(key, parts_id).iterdir()
            return {int(part.name): StoredPart(part.stat().st_size) for part in parts}

    def join_parts(self, key: str, parts_id: str, parts: Iterable[int]) -> None:
        folder = self._parts_folder(key, parts_id)
        with reporting_outages(FileNotFoundError):
            files = [folder / str(number) for number in sorted(parts)]
            self._write(Path(self.path(key)), _read_all(files))
            shutil.rmtree(folder, ignore_errors=True)

    def discard_parts(self, key: str, parts_id: str) -> None:
        self.abort_parts(key, parts_id)
        self.delete(key)

    def abort_parts(self, key: str, parts_id: str) -> None:
        with reporting_outages(), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._parts_folder(key, parts_id))

    def unfinished_parts(self, prefix: str) -> Iterator[Parts]:
        with reporting_outages():
            for folder in sorted(Path(self.location).glob(f"{prefix}**/*{PARTS}")):
                with contextlib.suppress(FileNotFoundError):  # joined since it was listed
                    begun_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
                    name = str(folder.relative_to(self.location)).removesuffix(PARTS)
                    key, _dot, parts_id = name.rpartition(".")
                    yield Parts(key, parts_id, begun_at)

    def _check_is_there(self) -> None:
        """A disk that is not there has not lost anything."""
        if not Path(self.location).is_dir():
            raise StoreUnavailable

    def _make_folder(self, folder: Path) -> None:
        self._check_is_there()
        _make_private(folder)

    def _parts_folder(self, key: str, parts_id: str) -> Path:
        return Path(self.path(f"{key}.{parts_id}{PARTS}"))

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the folder can be written to."""
        with reporting_outages():
            tempfile.TemporaryFile(dir=self.location).close()


class SignedDownload(NamedTuple):
    """What the address of a file stands for."""

    key: str
    download_id: int | None  # of a recording that is downloaded, and not played


class SignedPart(NamedTuple):
    """What the address of a part stands for."""

    key: str
    parts_id: str
    number: int


def signed_download(token: str) -> SignedDownload | None:
    """What a signed address stands for; None if forged or expired."""
    signed = _unsigned(token, DOWNLOAD_SALT)
    return SignedDownload(*signed) if signed else None


def signed_part(token: str) -> SignedPart | None:
    signed = _unsigned(token, PART_SALT)
    return SignedPart(*signed) if signed else None


def _unsigned(token: str, salt: str) -> list[Any] | None:
    try:
        key, expires_at, *rest = signing.loads(token, salt=salt)
    except signing.BadSignature:
        return None
    return [key, *rest] if time.time() < expires_at else None


def _expiry(expires_in: int) -> int:
    return int(time.time()) + expires_in


def _make_private(folder: Path) -> None:
    """Makes a folder, and those that it lies in, for this user alone."""
    if not folder.is_dir():
        _make_private(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)


def _sync(folder: Path) -> None:
    """Has a new name survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_all(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

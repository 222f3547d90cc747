"""An export as a folder, which goes on where an interrupted run has stopped.

What is there already is compared by checksum, so that only what is missing or differs is fetched.
Nothing of an earlier run stays that the export does not hold: whatever interrupted it, a run that
is repeated ends with the same files as one that was not interrupted. What else lies in the folder
is left alone.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from dataset.files import AudioFile, ExportedFile
from dataset.layouts import AUDIO_FOLDER
from dataset.manifest import MANIFEST, SOFTWARE
from dataset.package import Package
from dataset.transfer import read_audio
from recordings.receiving import checksums_of
from toastclub.errors import ToastClubError

MARK = ".toastclub-export.json"  # there until the export is whole
PARTIAL = ".part"
CHUNK_BYTES = 1024 * 1024

Progress = Callable[[int], Any]  # is told of so many more bytes
Noted = Callable[[Iterable[AudioFile]], Iterator[AudioFile]]


class ExportKind(NamedTuple):
    """What two runs have in common of which one goes on where the other has stopped."""

    form: str
    filters: dict[str, str]
    is_identifiable: bool


class NotAnExport(ToastClubError):
    message = (
        "La carpeta %(folder)s no está vacía y no es una exportación de este formato: elige otra."
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(self.message % {"folder": folder})


class OtherExport(ToastClubError):
    message = (
        "La carpeta %(folder)s es una exportación con otros filtros o con otras identidades: elige "
        "otra."
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(self.message % {"folder": folder})


class LinkedAudio(ToastClubError):
    message = "La carpeta %(folder)s es un enlace a otra: elige otra carpeta para la exportación."

    def __init__(self, folder: Path) -> None:
        super().__init__(self.message % {"folder": folder})


class InUse(ToastClubError):
    message = "Otra exportación está escribiendo ahí: %(path)s."

    def __init__(self, path: Path) -> None:
        super().__init__(self.message % {"path": path})


@contextmanager
def claimed(folder: Path, export: ExportKind) -> Iterator[None]:
    """Makes it a folder for an export of that kind, for this process alone while this is open.

    Raises `NotAnExport`, `OtherExport` or `LinkedAudio` if it is for something else, and `InUse`.
    """
    if (folder / AUDIO_FOLDER).is_symlink():
        raise LinkedAudio(folder / AUDIO_FOLDER)
    if _holds_something(folder):
        found = _kind_of(folder)
        if found is None or found.form != export.form:
            raise NotAnExport(folder)
        if found != export:
            raise OtherExport(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked_file(folder / MARK) as mark:
        said = json.dumps(export._asdict()).encode()
        if mark.read() != said:
            mark.seek(0)
            mark.truncate()
            mark.write(said)
            mark.flush()
        yield


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to be written, which only gets its name when it is whole.

    Raises `InUse` if somebody else is writing it.
    """
    partial = path.with_name(f"{path.name}{PARTIAL}")
    with _locked_file(partial) as file:
        try:
            file.truncate()
            yield file
            file.flush()
            partial.replace(path)
        except BaseException:
            partial.unlink()
            raise


@contextmanager
def _locked_file(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file for its owner, and for this process alone; `InUse` if another one has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(path) from error
        if not path.exists() or not os.path.samestat(path.stat(), os.fstat(descriptor)):
            raise InUse(path)  # who had it has just finished with it
        yield file


def write_folder(package: Package, folder: Path, *, noted: Noted, progress: Progress) -> None:
    """Brings a claimed folder to what the package holds. The manifest is the last that comes."""
    manifest, *written = package.written
    (folder / manifest.path).unlink(missing_ok=True)
    _remove_strays(package, folder)
    for file in written:
        if not _is_there(folder, file, progress):
            _put(folder / file.path, file.spool.chunks(), progress)
    missing = (file for file in package.audio() if not _is_there(folder, file, progress))
    for recording, chunks in read_audio(noted(missing), package.waiting):
        _put(folder / recording.path, chunks, progress)
    _put(folder / manifest.path, manifest.spool.chunks(), progress)
    (folder / MARK).unlink()


def _holds_something(folder: Path) -> bool:
    return folder.is_dir() and any(path.name != MARK for path in folder.iterdir())


def _kind_of(folder: Path) -> ExportKind | None:
    """Of what kind the export is that it holds, whole or not; None if it holds none."""
    mark, manifest = _said_in(folder / MARK), _said_in(folder / MANIFEST)
    try:
        if mark:
            return ExportKind(**mark)
        is_ours = manifest["software"]["name"] == SOFTWARE
        kind = ExportKind(manifest["format"], manifest["filters"], manifest["identifiable"])
    except (KeyError, TypeError):
        return None
    return kind if is_ours else None


def _said_in(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _remove_strays(package: Package, folder: Path) -> None:
    """Removes what an earlier run has left and this one does not hold."""
    expected = {folder / file.path for file in package.files()}
    ours = package.layout.audio_name
    for path in (folder / AUDIO_FOLDER).glob("*"):
        if ours.fullmatch(path.name.removesuffix(PARTIAL)) and path not in expected:
            path.unlink()
    for file in package.written:
        (folder / f"{file.path}{PARTIAL}").unlink(missing_ok=True)


def _is_there(folder: Path, file: ExportedFile, progress: Progress) -> bool:
    path = folder / file.path
    is_there = (
        path.is_file()
        and path.stat().st_size == file.size
        and checksums_of(_chunks_of(path)).sha256 == file.sha256
    )
    if is_there:
        progress(file.size)
    return is_there


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _put(path: Path, chunks: Iterable[bytes], progress: Progress) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with whole_file(path) as file:
        for chunk in chunks:
            file.write(chunk)
            progress(len(chunk))

"""An export as a folder, which goes on where an interrupted run has stopped.

What is there already is compared by checksum, so that only what is missing or differs is fetched.
Nothing stays that the export does not hold: whatever interrupted it, a run that is repeated ends
with the same files as one that was not interrupted.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from dataset.files import AudioFile, ExportedFile
from dataset.layouts import AUDIO_FOLDER
from dataset.manifest import MANIFEST
from dataset.package import Package
from dataset.transfer import read_audio
from recordings.receiving import checksums_of
from toastclub.errors import ToastClubError

MARK = ".toastclub-export.json"  # there until the export is whole
PARTIAL = ".part"
CHUNK_BYTES = 1024 * 1024

Progress = Callable[[int], Any]  # is told of so many more bytes
Noted = Callable[[Iterable[AudioFile]], Iterator[AudioFile]]


class NotAnExport(ToastClubError):
    message = (
        "La carpeta %(folder)s no está vacía y no es una exportación de este formato: elige otra."
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(self.message % {"folder": folder})


def claim(folder: Path, form: str) -> None:
    """Makes it a folder for an export of that form, or raises `NotAnExport` if it is another's."""
    if folder.is_dir() and any(folder.iterdir()) and _form_of(folder) != form:
        raise NotAnExport(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(json.dumps({"format": form}), encoding="utf-8")


def write_folder(package: Package, folder: Path, *, noted: Noted, progress: Progress) -> None:
    """Brings a claimed folder to what the package holds. The manifest is the last that comes."""
    manifest, *written = package.written
    _remove_strays(package, folder)
    for file in written:
        if not _is_there(folder, file, progress):
            _put(folder / file.path, file.spool.chunks(), progress)
    missing = (file for file in package.audio() if not _is_there(folder, file, progress))
    for recording, chunks in read_audio(noted(missing), package.waiting):
        _put(folder / recording.path, chunks, progress)
    _put(folder / manifest.path, manifest.spool.chunks(), progress)
    (folder / MARK).unlink()


def _form_of(folder: Path) -> str | None:
    """Of which form it is an export, whole or not; None if it is none."""
    for name in (MARK, MANIFEST):
        try:
            said = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return said.get("format") if isinstance(said, dict) else None
    return None


def _remove_strays(package: Package, folder: Path) -> None:
    """Removes what an earlier run has left and this one does not hold."""
    expected = {folder / file.path for file in package.files()}
    found = [*(folder / AUDIO_FOLDER).glob("*"), *folder.glob(f"*{PARTIAL}")]
    for path in found:
        if path.is_file() and path not in expected:
            path.unlink()


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
    """Writes a file that only gets its name when it is whole."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f"{path.name}{PARTIAL}")
    with partial.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            progress(len(chunk))
    partial.replace(path)

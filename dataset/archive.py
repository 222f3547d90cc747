"""The ZIP of an export, sent while its audio is being read."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from dataset.files import AudioFile, ExportedFile, WrittenFile
from dataset.transfer import read_audio
from dataset.zip_format import directory, local_header, zip_size
from toastclub.clients import Waiting
from toastclub.streams import in_pieces

PIECE_BYTES = 256 * 1024


class Contents(Protocol):
    """What a ZIP is made of: files that are written, and audio that is still in the store."""

    waiting: Waiting
    written: list[WrittenFile]

    def files(self) -> Iterator[ExportedFile]: ...
    def audio(self) -> Iterator[AudioFile]: ...


def archive_size(package: Contents) -> int:
    return zip_size(package.files())


def archive(package: Contents, audio: Iterable[AudioFile] | None = None) -> Iterator[bytes]:
    """The bytes of the ZIP, in pieces. `audio` are the package's, if somebody is to see each.

    The first piece waits for no audio. It breaks off, so that no ZIP that looks whole holds less
    than its manifest says, if an object is not the one that came (`AudioAltered`) or the store
    fails (`StoreUnavailable`).
    """
    yield from in_pieces(_documents(package), size=PIECE_BYTES)
    rest = _rest(package, package.audio() if audio is None else audio)
    yield from in_pieces(rest, size=PIECE_BYTES)


def _documents(package: Contents) -> Iterator[bytes]:
    for file in package.written:
        yield local_header(file)
        yield from file.spool.chunks()


def _rest(package: Contents, audio: Iterable[AudioFile]) -> Iterator[bytes]:
    for file, chunks in read_audio(audio, package.waiting):
        yield local_header(file)
        yield from chunks
    yield from directory(package.files())

"""The ZIP of an export, sent while its audio is being read."""

from collections.abc import Iterable, Iterator

from dataset.files import AudioFile
from dataset.package import Package
from dataset.transfer import read_audio
from dataset.zip_format import directory, local_header, zip_size


def archive_size(package: Package) -> int:
    return zip_size(package.files())


def archive(package: Package, audio: Iterable[AudioFile] | None = None) -> Iterator[bytes]:
    """The bytes of the ZIP. `audio` are the package's, if somebody wants to see each before.

    It breaks off, so that no ZIP that looks whole holds less than its manifest says, if an object
    is not the one that came (`AudioAltered`) or the store fails (`StoreUnavailable`).
    """
    for file in package.written:
        yield local_header(file)
        yield from file.spool.chunks()
    for recording, chunks in read_audio(package.audio() if audio is None else audio):
        yield local_header(recording)
        yield from chunks
    yield from directory(package.files())

"""Reading the audio of an export from the store, a few blocks ahead, and checking every byte."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from threading import Event
from typing import Any, NamedTuple

from django.core.files.storage import default_storage

from dataset.files import AudioFile
from recordings.outages import persevering
from recordings.receiving import Checksums
from toastclub.ahead import worked_ahead
from toastclub.clients import Waiting
from toastclub.errors import ToastClubError

BLOCK_BYTES = 2 * 1024 * 1024
BLOCKS_AHEAD = 6
THREADS = 4


class AudioAltered(ToastClubError):
    """The object is gone or is not the one that came; what has been sent of it is worth nothing."""

    message = (
        "El audio de la grabación %(recording)s cambió o desapareció del almacén. "
        "«reconcile_recordings --deep» lo marca, y después se exporta sin él."
    )

    def __init__(self, file: AudioFile) -> None:
        super().__init__(self.message % {"recording": file.recording_id})


class Block(NamedTuple):
    """Part of a file."""

    file: AudioFile
    start: int
    size: int
    is_last: bool


def read_audio(
    files: Iterable[AudioFile], waiting: Waiting
) -> Iterator[tuple[AudioFile, Iterator[bytes]]]:
    """Each file with its bytes, which have to be read before the next file is asked for.

    Raises `AudioAltered` before the last block of a file of other bytes than those that came,
    `StoreUnavailable` if the store does not answer for some time, and `ClientGone`.
    """
    fetched = worked_ahead(
        _blocks(files), _fetch, threads=THREADS, ahead=BLOCKS_AHEAD, waiting=waiting
    )
    with closing(fetched):
        for block, data in fetched:
            yield block.file, _checked(block, data, fetched)


def _checked(
    block: Block, data: bytes, following: Iterator[tuple[Block, bytes]]
) -> Iterator[bytes]:
    file, checksums = block.file, Checksums()
    checksums.update(data)
    while not block.is_last:
        yield data
        block, data = next(following)
        checksums.update(data)
    arrived = (checksums.size, checksums.crc32, checksums.sha256)
    if arrived != (file.size, file.crc32, file.sha256):
        raise AudioAltered(file)
    yield data


def _blocks(files: Iterable[AudioFile]) -> Iterator[Block]:
    for file in files:
        for start in range(0, max(file.size, 1), BLOCK_BYTES):
            size = min(BLOCK_BYTES, file.size - start)
            yield Block(file, start, size, is_last=start + size == file.size)


def _fetch(block: Block, stopped: Event) -> bytes:
    if not block.size:
        return b""
    storage: Any = default_storage
    size = block.size + (1 if block.is_last else 0)  # one more shows an object that has grown
    read = partial(storage.part_of, block.file.key, block.start, size, stopped=stopped)
    try:
        data: bytes = persevering(read, stopped=stopped)
    except FileNotFoundError as error:
        raise AudioAltered(block.file) from error
    return data

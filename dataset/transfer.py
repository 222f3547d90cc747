"""Reading the audio of an export from the store, a few blocks ahead, and checking every byte."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from functools import partial
from threading import Event
from typing import Any, NamedTuple

from django.core.files.storage import default_storage

from dataset.files import AudioFile
from recordings.receiving import Checksums
from recordings.storages import persevering
from toastclub.clients import LOOK_SECONDS, Waiting
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
    fetching = _Fetching(waiting)
    try:
        fetched = fetching.in_order(_blocks(files))
        for block, data in fetched:
            yield block.file, _checked(block, data, fetched)
    finally:
        fetching.stop()


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


class _Fetching:
    """Threads that read blocks ahead, until they are told to stop."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._stopped = Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="export")

    def in_order(self, blocks: Iterable[Block]) -> Iterator[tuple[Block, bytes]]:
        ahead: deque[tuple[Block, Future[bytes]]] = deque()
        for block in blocks:
            ahead.append((block, self._pool.submit(self._fetch, block)))
            if len(ahead) > BLOCKS_AHEAD:
                yield self._next(ahead)
        while ahead:
            yield self._next(ahead)

    def stop(self) -> None:
        self._stopped.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _next(self, ahead: deque[tuple[Block, Future[bytes]]]) -> tuple[Block, bytes]:
        block, data = ahead.popleft()
        while True:
            try:
                return block, data.result(timeout=LOOK_SECONDS)
            except FutureTimeout:
                self._waiting.check()

    def _fetch(self, block: Block) -> bytes:
        if not block.size:
            return b""
        storage: Any = default_storage
        one_too_many = 1 if block.is_last else 0  # which an object that has grown would give
        read = partial(
            storage.part_of,
            block.file.key,
            block.start,
            block.size + one_too_many,
            stopped=self._stopped,
        )
        try:
            data: bytes = persevering(read, stopped=self._stopped)
        except FileNotFoundError as error:
            raise AudioAltered(block.file) from error
        return data

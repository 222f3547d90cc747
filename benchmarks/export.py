"""The export beside fetching the same objects one by one, and what it costs in memory."""

import contextlib
import hashlib
import statistics
import tempfile
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Figure, reported
from benchmarks.filling import Stored, add_recordings, fill, settle
from benchmarks.memory import MemoryWatch, warm_memory
from benchmarks.reading import Reading, read
from benchmarks.system import MB, WAV_HEADER_BYTES, System, roomy_store, running_on, voice
from toastclub.testing.server import Client
from toastclub.testing.services import ObjectStore

MEASURED = 600  # recordings of 1 MB
LARGE = 100  # recordings of 14 MB, which make it 2 GB
LARGE_BYTES = 14 * MB
MANY = 2_400  # recordings of 1 KB, so that what precedes the first byte is about rows alone
MANY_BYTES = 1024
ROUNDS = 10
ROUNDS_OF_LARGE = 3
ROUNDS_OF_MANY = 7
WARM_UP_ROUNDS = 2
SMALL_ROUNDS = 12  # after which the workers have taken their own copies of what they share
SMALL = "/dataset/export?estado=created"  # a recording a text
SAMPLE_BYTES = 2
PUTS_AT_ONCE = 4
FIRST_BYTE_LIMIT = 0.5  # seconds
ROW_LIMIT = 0.5  # milliseconds
FETCHED_LIMIT = 1.3
GROWTH_LIMIT = 50  # MiB


@dataclass(frozen=True)
class Dataset:
    """A server with those recordings, and an analyst."""

    system: System
    staff: Client
    recordings: list[Stored]

    @property
    def name(self) -> str:
        size = sum(stored.size for stored in self.recordings)
        return f"export: {size // MB} MB"

    def exported(self) -> Reading:
        return read(self.staff, "/dataset/export")

    def growth(self) -> Figure:
        with MemoryWatch(self.system.pid) as memory:
            self.exported()
        return Figure(f"{self.name}, memory growth", memory.growth / MB, GROWTH_LIMIT, "MiB")

    def check(self) -> None:
        """Whether the ZIP opens, and has every recording whole."""
        with tempfile.TemporaryFile() as file:
            read(self.staff, "/dataset/export", into=file)
            with zipfile.ZipFile(file) as archive:
                sizes = [info.file_size for info in archive.infolist() if "/" in info.filename]
                damaged = archive.testzip()
        if damaged or sorted(sizes) != sorted(stored.size for stored in self.recordings):
            raise RuntimeError(f"{len(sizes)} recordings in the ZIP, damaged: {damaged}")


def measure() -> list[Figure]:
    print(f"\nExport: {ROUNDS} rounds", flush=True)
    with roomy_store() as store:
        measured = _put(store, MB, range(1, MEASURED + 1))
        with _dataset(store, measured) as dataset:
            figures = reported(dataset.growth(), *_seconds(dataset))
            dataset.check()
        large = _put(store, LARGE_BYTES, range(MEASURED - LARGE + 1, MEASURED + 1))
        with _dataset(store, measured + large) as dataset:
            growth = dataset.growth()
            first_bytes = [dataset.exported().first_byte for _round in range(ROUNDS_OF_LARGE)]
            figures += reported(growth, _first_byte(dataset, first_bytes))
    with roomy_store() as store:
        return [*figures, *reported(_first_byte_a_recording(store))]


def _first_byte_a_recording(store: ObjectStore) -> Figure:
    many = _put(store, MANY_BYTES, range(1, MANY + 1))
    with _dataset(store, many, sessions=MANY) as dataset:
        seconds = [dataset.exported().first_byte for _round in range(ROUNDS_OF_MANY)]
    milliseconds = statistics.median(seconds) / MANY * 1000
    return Figure(f"export: {MANY} recordings, first byte", milliseconds, ROW_LIMIT, "ms each")


def _seconds(dataset: Dataset) -> list[Figure]:
    warm_memory()
    client = dataset.system.store.client()
    for round_number in range(WARM_UP_ROUNDS):
        _export_and_fetch(dataset, client, round_number)
    pairs = [_export_and_fetch(dataset, client, round_number) for round_number in range(ROUNDS)]
    exported = statistics.median(reading.last_byte for reading, _fetched in pairs)
    fetched = statistics.median(fetched for _reading, fetched in pairs)
    print(f"{exported:.2f} s, one by one {fetched:.2f} s")
    ratio = statistics.median(reading.last_byte / fetched for reading, fetched in pairs)
    return [
        _first_byte(dataset, [reading.first_byte for reading, _fetched in pairs]),
        Figure(f"{dataset.name}, beside fetching one by one", ratio, FETCHED_LIMIT),
    ]


def _first_byte(dataset: Dataset, seconds: list[float]) -> Figure:
    return Figure(f"{dataset.name}, first byte", statistics.median(seconds), FIRST_BYTE_LIMIT, "s")


def _export_and_fetch(dataset: Dataset, client: Any, round_number: int) -> tuple[Reading, float]:
    """They take turns in being first, because one leaves work for the other."""
    if round_number % 2 == 0:
        return dataset.exported(), _fetch_one_by_one(dataset, client)
    fetched = _fetch_one_by_one(dataset, client)
    return dataset.exported(), fetched


def _fetch_one_by_one(dataset: Dataset, client: Any) -> float:
    """Seconds that a plain client takes for all objects."""
    bucket = dataset.system.store.bucket
    start = time.perf_counter()
    for stored in dataset.recordings:
        client.get_object(Bucket=bucket, Key=stored.key)["Body"].read()
    return time.perf_counter() - start


@contextlib.contextmanager
def _dataset(
    store: ObjectStore, recordings: list[Stored], *, sessions: int = MEASURED
) -> Iterator[Dataset]:
    """Those recordings in a server that has just started, and has exported few."""
    with running_on(store) as system:
        staff = system.server.administrator()
        fill(system.server, staff, sessions)
        add_recordings(system.server, recordings)
        settle(system.server)
        for _round in range(SMALL_ROUNDS):
            read(staff, SMALL)
        yield Dataset(system, staff, recordings)


def _put(store: ObjectStore, size: int, sessions: range) -> list[Stored]:
    """An object of that size for each of these sessions, no block of which is like another's."""
    client = store.client()
    recording = voice(size, size)
    header, sound = recording[:WAV_HEADER_BYTES], recording[WAV_HEADER_BYTES:]

    def put(session_id: int) -> Stored:
        begin = session_id * SAMPLE_BYTES
        content = header + sound[begin:] + sound[:begin]
        key = f"recordings/session_{session_id}/{uuid.uuid4()}.wav"
        client.put_object(Bucket=store.bucket, Key=key, Body=content, ContentType="audio/wav")
        sha256 = hashlib.sha256(content).hexdigest()
        return Stored(session_id, key, size, sha256, zlib.crc32(content))

    with ThreadPoolExecutor(PUTS_AT_ONCE) as pool:
        return list(pool.map(put, sessions))

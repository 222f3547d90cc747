"""The dataset's listing beside a bare copy of the same rows, and what it costs in memory."""

import contextlib
import hashlib
import os
import statistics
import tempfile
import time
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import psycopg

from benchmarks.figures import Figure, reported
from benchmarks.filling import Stored, add_recordings, fill, settle
from benchmarks.memory import MemoryWatch, warm_memory
from benchmarks.reading import Reading, read
from benchmarks.system import MB, System, roomy_store, running_on
from toastclub.testing.server import Client
from toastclub.testing.services import ObjectStore

MEASURED = 2_400  # sessions
MANY = 100_000  # sessions
ROUNDS = 15
ROUNDS_OF_MANY = 3
FEW_TIMES = 15  # that few are listed for each time that many are
SMALL_ROUNDS = 12  # after which the workers have taken their own copies of what they share
SMALL = "/dataset?estado=created"  # a session a text
SECONDS_LIMIT = 0.4
COPY_LIMIT = 5
GROWTH_LIMIT = 20  # MiB
SLOWER_LIMIT = 1.5

# The very rows that the listing reads.
COPIES = (
    """
    COPY (
        SELECT sessions.id, session_code, nombre, edad_aproximada, email_opcional, text_id,
            text_title, text_tags, text_pages, estado, created_at
        FROM sessions LEFT JOIN participants ON session_id = sessions.id
        ORDER BY sessions.id
    ) TO STDOUT
    """,
    """
    COPY (
        SELECT session_id, id, audio_url, created_at FROM recordings
        WHERE uploaded_at IS NOT NULL ORDER BY session_id, id
    ) TO STDOUT
    """,
    """
    COPY (
        SELECT session_id, respuestas_json FROM surveys
        WHERE completed_at IS NOT NULL ORDER BY session_id, created_at, id
    ) TO STDOUT
    """,
)


@dataclass(frozen=True)
class Dataset:
    system: System
    staff: Client
    sessions: int

    def listed(self, encoding: str = "identity") -> Reading:
        return read(self.staff, "/dataset", encoding=encoding)

    def seconds_a_session(self, *, times: int) -> float:
        seconds = sum(self.listed().last_byte for _time in range(times))
        return seconds / times / self.sessions

    def copied(self) -> float:
        """Seconds that the same rows take as the database writes them."""
        with psycopg.connect(self.system.server.environment["DATABASE_URL"]) as database:
            start = time.perf_counter()
            for statement in COPIES:
                with database.cursor().copy(statement) as copy:
                    for _block in copy:
                        pass
            return time.perf_counter() - start

    def growth(self) -> Figure:
        with tempfile.TemporaryFile() as file:
            with MemoryWatch(self.system.pid) as memory:
                read(self.staff, "/dataset", into=file)
            self._check(file)
        name = f"listing: {self.sessions} sessions, memory growth"
        return Figure(name, memory.growth / MB, GROWTH_LIMIT, "MiB")

    def _check(self, listing: BinaryIO) -> None:
        end = b'],"total_sessions":%d}' % self.sessions
        listing.seek(-len(end), os.SEEK_END)
        if listing.read() != end:
            raise RuntimeError(f"The listing does not end with {end!r}")


def measure() -> list[Figure]:
    print(f"\nListing: {ROUNDS} rounds", flush=True)
    with roomy_store() as store, _dataset(store, MEASURED) as few:
        figures = reported(few.growth(), *_seconds(few))
        with _dataset(store, MANY) as many:
            return [*figures, *reported(many.growth(), _slower(many, few))]


def _seconds(dataset: Dataset) -> list[Figure]:
    warm_memory()
    rounds = [
        (dataset.listed().last_byte, dataset.copied(), dataset.listed("gzip").last_byte)
        for _round in range(ROUNDS)
    ]
    listed, copied, zipped = (statistics.median(values) for values in zip(*rounds, strict=True))
    print(f"{listed:.3f} s, copied {copied:.3f} s, with gzip {zipped:.3f} s")
    ratio = statistics.median(listed / copied for listed, copied, _zipped in rounds)
    return [
        Figure(f"listing: {dataset.sessions} sessions", listed, SECONDS_LIMIT, "s"),
        Figure(f"listing: {dataset.sessions} sessions, beside a bare copy", ratio, COPY_LIMIT),
    ]


def _slower(many: Dataset, few: Dataset) -> Figure:
    """Both servers are measured in turns, so that a noisy minute touches both alike."""
    rounds = [
        (many.seconds_a_session(times=1), few.seconds_a_session(times=FEW_TIMES))
        for _round in range(ROUNDS_OF_MANY)
    ]
    print(f"{many.sessions} sessions: {many.sessions * min(rounds)[0]:.1f} s at best")
    ratio = statistics.median(among_many / among_few for among_many, among_few in rounds)
    return Figure("listing: a session among many, beside one of few", ratio, SLOWER_LIMIT)


@contextlib.contextmanager
def _dataset(store: ObjectStore, sessions: int) -> Iterator[Dataset]:
    """As many sessions in a server that has just started, and has listed few."""
    with running_on(store) as system:
        staff = system.server.administrator()
        fill(system.server, staff, sessions)
        add_recordings(system.server, recordings_of(sessions))
        settle(system.server)
        for _round in range(SMALL_ROUNDS):
            read(staff, SMALL)
        yield Dataset(system, staff, sessions)


def recordings_of(sessions: int) -> Iterator[Stored]:
    """One or two a session; nobody asks the store for them."""
    for session_id in range(1, sessions + 1):
        for _recording in range(1 + session_id % 2):
            key = f"recordings/session_{session_id}/{uuid.uuid4()}.wav"
            sha256 = hashlib.sha256(key.encode()).hexdigest()
            yield Stored(session_id, key, MB, sha256, zlib.crc32(key.encode()))

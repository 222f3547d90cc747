"""An upload beside a bare put of the same bytes, and what it costs the server in memory."""

import contextlib
import dataclasses
import multiprocessing
import socket
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError

from benchmarks.figures import Figure, reported
from benchmarks.memory import MemoryWatch, warm_memory
from benchmarks.system import (
    MB,
    UPLOAD_TAIL,
    System,
    roomy_store,
    running_on,
    running_sessions,
    upload_head,
    voice,
)
from toastclub.testing.services import ObjectStore

MEASURED_MB = 40
LARGEST_MB = 100
ROUNDS = 15
WARM_UP_ROUNDS = 2
AT_ONCE = 8
SMALL = 20_000  # bytes
SMALL_ROUNDS = 12  # after which the workers have taken their own copies of what they share
WALL_LIMIT = 1.3
GROWTH_LIMIT = 40  # MiB

_store: dict[str, Any] = {}  # of a client's process


@dataclass(frozen=True)
class Clients:
    """As many clients as upload at once, each a process of its own."""

    system: System
    pool: Pool
    recording: Path

    def prepare(self, count: int) -> list[bytes]:
        """As many uploads, each to a session of its own: what they begin with."""
        size = self.recording.stat().st_size
        sessions = running_sessions(self.system.server, count)
        return [upload_head(self.system.server.address, session, size) for session in sessions]

    def upload(self, heads: list[bytes]) -> float:
        """Seconds that these uploads take, all at once."""
        address = self.system.server.address
        return self._seconds(_upload, [(address, head, self.recording) for head in heads])

    def put(self, count: int) -> float:
        """Seconds that as many bare puts take."""
        # New keys: removing what was overwritten would be work for the store later on.
        return self._seconds(_put, [(uuid.uuid4().hex, self.recording) for _number in range(count)])

    def _seconds(self, function: Callable[..., None], jobs: list[tuple[Any, ...]]) -> float:
        start = time.perf_counter()
        self.pool.starmap(function, jobs, chunksize=1)
        return time.perf_counter() - start


def measure() -> list[Figure]:
    print(f"\nUpload: {ROUNDS} rounds", flush=True)
    with roomy_store() as store:
        growth = [
            _growth(store, megabytes, count)
            for megabytes in (MEASURED_MB, LARGEST_MB)
            for count in (1, AT_ONCE)
        ]
        with _clients(store, MEASURED_MB * MB) as clients:
            warm_memory()
            for round_number in range(WARM_UP_ROUNDS):
                _upload_and_put(clients, AT_ONCE, round_number)
            return [*growth, *(_wall(clients, count) for count in (1, AT_ONCE))]


@contextlib.contextmanager
def _clients(store: ObjectStore, size: int) -> Iterator[Clients]:
    """Clients of a server that has just started."""
    spawn = multiprocessing.get_context("spawn")
    with (
        running_on(store) as system,
        spawn.Pool(AT_ONCE, _enter, (store,)) as pool,
    ):
        yield Clients(system, pool, _recording(system.folder, size))


def _recording(folder: Path, size: int) -> Path:
    path = folder / f"{size}.wav"
    path.write_bytes(voice(size, size))
    return path


def _wall(clients: Clients, count: int) -> Figure:
    pairs = [_upload_and_put(clients, count, round_number) for round_number in range(ROUNDS)]
    uploads, puts = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"{count} at once: {uploads:.3f} s, bare put {puts:.3f} s")
    ratio = statistics.median(upload / put for upload, put in pairs)
    (figure,) = reported(
        Figure(f"upload: {MEASURED_MB} MB, {count} at once, beside a bare put", ratio, WALL_LIMIT)
    )
    return figure


def _upload_and_put(clients: Clients, count: int, round_number: int) -> tuple[float, float]:
    """Seconds of each; they take turns in being first, because one leaves work for the other."""
    heads = clients.prepare(count)
    if round_number % 2 == 0:
        return clients.upload(heads), clients.put(count)
    put = clients.put(count)
    return clients.upload(heads), put


def _growth(store: ObjectStore, megabytes: int, count: int) -> Figure:
    """What the server holds more for that many large uploads at once than for small ones."""
    with _clients(store, megabytes * MB) as clients:
        small = dataclasses.replace(clients, recording=_recording(clients.system.folder, SMALL))
        # All before, because the log-in that this takes hashes a password in 100 MiB.
        rounds = [small.prepare(AT_ONCE) for _round in range(SMALL_ROUNDS)]
        large = clients.prepare(count)
        for heads in rounds:
            small.upload(heads)
        with MemoryWatch(clients.system.pid) as memory:
            clients.upload(large)
    name = f"upload: {megabytes} MB, {count} at once, memory growth"
    (figure,) = reported(Figure(name, memory.growth / MB, GROWTH_LIMIT, "MiB"))
    return figure


def _enter(store: ObjectStore) -> None:
    """Gives a client's process a plain boto3 client, which protects what it puts by a checksum."""
    _store.update(bucket=store.bucket, client=store.client())


def _put(key: str, recording: Path) -> None:
    with recording.open("rb") as file:
        try:
            _store["client"].put_object(
                Bucket=_store["bucket"], Key=key, Body=file, ContentType="audio/wav"
            )
        except BotoCoreError as error:  # which holds the file, and can't leave the process
            raise RuntimeError(repr(error)) from None


def _upload(address: str, head: bytes, recording: Path) -> None:
    parts = urlsplit(address)
    with (
        recording.open("rb") as file,
        socket.create_connection((parts.hostname, parts.port)) as connection,
    ):
        connection.sendall(head)
        connection.sendfile(file)
        connection.sendall(UPLOAD_TAIL)
        answer = connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 201"):
        raise RuntimeError(answer.decode())

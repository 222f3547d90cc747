"""An upload beside a bare put of the same bytes, and what it costs the server in memory."""

import multiprocessing
import os
import socket
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError

from benchmarks.figures import Figure, reported
from benchmarks.memory import MemoryWatch
from benchmarks.system import (
    MB,
    UPLOAD_TAIL,
    System,
    running_sessions,
    running_system,
    upload_head,
    voice,
)

MEASURED_MB = 40
LARGEST_MB = 100
ROUNDS = 5
WARM_UP = 16  # uploads
MEMORY_ROUNDS = 3
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
    with (
        running_system() as system,
        multiprocessing.get_context("spawn").Pool(8, _enter, (system.server.environment,)) as pool,
    ):
        usual, largest = (
            Clients(system, pool, _recording(system.folder, megabytes))
            for megabytes in (MEASURED_MB, LARGEST_MB)
        )
        for _upload_of_eight in range(WARM_UP // 8):
            usual.upload(usual.prepare(8))
            usual.put(8)
        return [
            *(_wall(usual, count) for count in (1, 8)),
            *(_growth(clients, count) for clients in (usual, largest) for count in (1, 8)),
        ]


def _recording(folder: Path, megabytes: int) -> Path:
    path = folder / f"{megabytes}.wav"
    path.write_bytes(voice(megabytes, megabytes * MB))
    return path


def _wall(clients: Clients, count: int) -> Figure:
    pairs = [
        (clients.upload(clients.prepare(count)), clients.put(count)) for _round in range(ROUNDS)
    ]
    uploads, puts = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"{count} at once: {uploads:.3f} s, bare put {puts:.3f} s")
    ratio = statistics.median(upload / put for upload, put in pairs)
    (figure,) = reported(
        Figure(f"upload: {MEASURED_MB} MB, {count} at once, beside a bare put", ratio, WALL_LIMIT)
    )
    return figure


def _growth(clients: Clients, count: int) -> Figure:
    # Before, because the log-in that this takes hashes a password in 100 MiB.
    rounds = [clients.prepare(count) for _round in range(MEMORY_ROUNDS)]
    with MemoryWatch(clients.system.pid) as memory:
        for heads in rounds:
            clients.upload(heads)
    name = f"upload: {clients.recording.stem} MB, {count} at once, memory growth"
    (figure,) = reported(Figure(name, memory.growth / MB, GROWTH_LIMIT, "MiB"))
    return figure


def _enter(environment: dict[str, str]) -> None:
    """Gives a client's process the store as the application sees it."""
    os.environ.update(environment)
    from toastclub import settings

    options: Any = settings.R2_STORE["OPTIONS"]
    _store["bucket"] = options["bucket_name"]
    _store["client"] = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
        region_name=options["region_name"],
        config=options["client_config"],
    )


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

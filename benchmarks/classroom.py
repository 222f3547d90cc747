"""A classroom: thirty headsets upload at the pace of their Wi-Fi while a page polls."""

import asyncio
import collections
import hashlib
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.figures import Figure, reported
from benchmarks.memory import warm_memory
from benchmarks.system import (
    MB,
    UPLOAD_TAIL,
    System,
    checked,
    running_sessions,
    running_system,
    upload_head,
    voice,
)
from toastclub.testing.services import ObjectStore

HEADSETS = 30
SIZE = 8 * MB
RATE = 1 * MB  # bytes a second
STEP = 64 * 1024  # bytes sent at once
IDEAL_SECONDS = SIZE / RATE
POLL_SECONDS = 0.05

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Page:
    """Polls over connections that stay open, as many as it needs to be on time."""

    address: str
    code: str
    latencies: list[float] = field(default_factory=list)  # seconds
    _idle: list[Stream] = field(default_factory=list)

    async def poll(self) -> None:
        start = time.perf_counter()
        reader, writer = await self._connection()
        writer.write(self._request())
        status, _body = await _read_answer(reader)
        self.latencies.append(time.perf_counter() - start)
        if status != 200:
            raise RuntimeError(f"by-code answered {status}")
        self._idle.append((reader, writer))

    async def poll_until_cancelled(self) -> None:
        async with asyncio.TaskGroup() as polls:
            due = time.perf_counter()
            while True:
                polls.create_task(self.poll())
                due += POLL_SECONDS
                await asyncio.sleep(due - time.perf_counter())

    async def _connection(self) -> Stream:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await _connect(self.address)

    def _request(self) -> bytes:
        host = urlsplit(self.address).netloc
        path = f"/api/v1/sessions/by-code/{self.code}"
        return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\n\r\n".encode()


@dataclass(frozen=True)
class Headset:
    session: dict[str, Any]
    recording: bytes

    async def upload(self, address: str) -> tuple[float, int]:
        """Seconds from the first byte to the answer, and its status."""
        reader, writer = await _connect(address)
        start = time.perf_counter()
        writer.write(upload_head(address, self.session, SIZE))
        for sent in range(0, SIZE, STEP):
            writer.write(memoryview(self.recording)[sent : sent + STEP])
            await writer.drain()
            await asyncio.sleep(start + (sent + STEP) / RATE - time.perf_counter())
        writer.write(UPLOAD_TAIL)
        status, _body = await _read_answer(reader)
        writer.close()
        return time.perf_counter() - start, status


def measure() -> list[Figure]:
    print(f"\nClassroom: {HEADSETS} headsets, {SIZE // MB} MB each", flush=True)
    with running_system() as system:
        headsets, page = _classroom(system)
        warm_memory()
        uploads = asyncio.run(_lesson(system, headsets, page))
        statuses = collections.Counter(status for _seconds, status in uploads)
        print(f"statuses: {dict(statuses)}, polls: {len(page.latencies)}")
        stored = _stored(system, headsets)
    slowest = max(seconds for seconds, _status in uploads)
    ninety_ninth = sorted(page.latencies)[int(len(page.latencies) * 0.99)]
    return reported(
        Figure("classroom: recordings stored", stored, HEADSETS, is_minimum=True),
        Figure("classroom: slowest beside the ideal", slowest / IDEAL_SECONDS, 1.5),
        Figure("classroom: by-code p99", ninety_ninth * 1000, 100, "ms"),
    )


def _classroom(system: System) -> tuple[list[Headset], Page]:
    sessions = running_sessions(system.server, HEADSETS)
    headsets = [Headset(session, voice(number, SIZE)) for number, session in enumerate(sessions)]
    return headsets, Page(system.server.address, sessions[0]["session_code"])


async def _lesson(system: System, headsets: list[Headset], page: Page) -> list[tuple[float, int]]:
    polling = asyncio.create_task(page.poll_until_cancelled())
    address = system.server.address
    try:
        return await asyncio.gather(*(headset.upload(address) for headset in headsets))
    finally:
        polling.cancel()
        await asyncio.wait([polling])


def _stored(system: System, headsets: list[Headset]) -> int:
    """How many rows and objects hold the bytes that their headset sent."""
    sent = {headset.session["id"]: _sha256(headset.recording) for headset in headsets}
    rows = checked(system.server.administrator().get("/recordings?limit=200")).json()["results"]
    return sum(
        sent.pop(row["session_id"], None) == row["sha256"] == _sha256(_object_of(row, system.store))
        for row in rows
    )


def _object_of(row: dict[str, Any], store: ObjectStore) -> bytes:
    answer = store.client().get_object(Bucket=store.bucket, Key=row["audio_url"])
    content: bytes = answer["Body"].read()
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def _connect(address: str) -> Stream:
    parts = urlsplit(address)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)

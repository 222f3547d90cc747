"""A TCP proxy on loopback that does to connections what networks and stores do on bad days."""

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, NoReturn, TypeVar

CHUNK_BYTES = 64 * 1024
STEPS_A_SECOND = 20  # in which a slow connection goes forward
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
S3_ERRORS = {
    403: ("Forbidden", "AccessDenied"),
    404: ("Not Found", "NoSuchBucket"),
    500: ("Internal Server Error", "InternalError"),
    503: ("Service Unavailable", "SlowDown"),
}
_REQUEST_LINE = re.compile(rb"[A-Z]+ \S+ HTTP/1\.[01]\r\n")
_CONTENT_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)

T = TypeVar("T")


@dataclass(frozen=True)
class _Mode:
    refuses: bool = False
    hangs: bool = False
    withholds_answers: bool = False
    bytes_a_second_up: int | None = None  # None: as fast as they come
    bytes_a_second_down: int | None = None
    status: int | None = None
    cuts: Iterator[int] = field(default_factory=lambda: iter(()))  # bytes until each of them

    def lets_up(self) -> bool:
        return not self.hangs

    def lets_down(self) -> bool:
        return not self.hangs and not self.withholds_answers

    def rate_up(self) -> int | None:
        return self.bytes_a_second_up

    def rate_down(self) -> int | None:
        return self.bytes_a_second_down


class FaultyProxy:
    """Passes connections on to the target; how well, can change at any time, for open ones too.

    `bytes_up` and `bytes_down` count what clients sent and got; `cuts`, the connections that
    `cut_after` and `cut_at_random` have reset.
    """

    def __init__(self, target_host: str, target_port: int) -> None:
        self._target = (target_host, target_port)
        self._traffic = _Traffic()
        self._connections: set[asyncio.Task[None]] = set()

    def __enter__(self) -> "FaultyProxy":
        # Bound and never listening: it keeps the port while connections are refused.
        self._place = _bound_socket(0)
        self.port: int = self._place.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._wait_for(self._listen())
        return self

    def __exit__(self, *_error: object) -> None:
        self.refuse()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._place.close()

    @property
    def bytes_up(self) -> int:
        return self._traffic.bytes_up

    @property
    def bytes_down(self) -> int:
        return self._traffic.bytes_down

    @property
    def cuts(self) -> int:
        return self._traffic.cuts

    def pass_on(self) -> None:
        """Passes everything on, also what was held back."""
        self._become(_Mode())

    def refuse(self) -> None:
        """Resets what is open; whoever connects is refused."""
        self._become(_Mode(refuses=True))

    def hang(self) -> None:
        """Lets clients connect, and passes on nothing in either direction."""
        self._become(_Mode(hangs=True))

    def withhold_answers(self) -> None:
        """Passes on what clients send, and nothing that comes back."""
        self._become(_Mode(withholds_answers=True))

    def slow_down(self, *, bytes_a_second: int) -> None:
        """Passes on at most so much of what clients send, all connections together."""
        self._become(_Mode(bytes_a_second_up=bytes_a_second))

    def slow_answers_down(self, *, bytes_a_second: int) -> None:
        """Passes on at most so much of what comes back, all connections together."""
        self._become(_Mode(bytes_a_second_down=bytes_a_second))

    def answer(self, *, status: int) -> None:
        """Reads each request whole and answers it with that status, as an S3 store would."""
        self._become(_Mode(status=status))

    def cut_after(self, count: int) -> None:
        """Resets the connection that carries the last of so many bytes, once."""
        self._become(_Mode(cuts=iter([count])))

    def cut_at_random(self, random: Random, *, between: tuple[int, int]) -> None:
        """Goes on cutting, each time after a number of bytes between those two."""
        self._become(_Mode(cuts=_random_numbers(random, *between)))

    def _wait_for(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _become(self, mode: _Mode) -> None:
        self._wait_for(self._change_to(mode))

    async def _change_to(self, mode: _Mode) -> None:
        refused = self._traffic.mode.refuses
        await self._traffic.follow(mode)
        if refused and not mode.refuses:
            await self._listen()
        elif mode.refuses and not refused:
            await self._close()

    async def _listen(self) -> None:
        self._listener = _bound_socket(self.port)
        # What it has taken and not passed on counts as sent: no more than a router would hold.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK_BYTES)
        self._listener.listen(128)
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        client, _address = self._listener.accept()
        client.setblocking(False)
        connection = _Connection(self._traffic, client)
        serving = self._loop.create_task(connection.serve(self._target))
        self._connections.add(serving)
        serving.add_done_callback(connection.close)
        serving.add_done_callback(self._connections.discard)

    async def _close(self) -> None:
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for serving in self._connections:
            serving.cancel()
        while self._connections:
            await asyncio.sleep(0)


class _Traffic:
    """What all connections of a proxy share: how it behaves, and what has passed."""

    def __init__(self) -> None:
        self.bytes_up = self.bytes_down = self.cuts = 0
        self.mode = _Mode()
        self._changed = asyncio.Condition()
        self._until_cut: int | None = None
        self._next_step = 0.0

    async def follow(self, mode: _Mode) -> None:
        self.mode = mode
        self._until_cut = next(mode.cuts, None)
        self._next_step = 0.0
        async with self._changed:
            self._changed.notify_all()

    async def until(self, allowed: Callable[[_Mode], bool]) -> None:
        if allowed(self.mode):
            return
        async with self._changed:
            await self._changed.wait_for(lambda: allowed(self.mode))

    async def pause(self, seconds: float) -> None:
        """Waits that long after the last pause, or until the mode changes."""
        mode = self.mode
        now = asyncio.get_running_loop().time()
        self._next_step = max(self._next_step, now) + seconds
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._next_step):
                await self.until(lambda present: present is not mode)

    def up_to_cut(self, data: bytes) -> tuple[bytes, bool]:
        """What of it is to go, and whether the connection ends there."""
        if self._until_cut is None:
            return data, False
        sent = data[: self._until_cut]
        self._until_cut -= len(sent)
        is_cut = self._until_cut == 0
        if is_cut:
            self.cuts += 1
            self._until_cut = next(self.mode.cuts, None)
        return sent, is_cut


class _Over(Exception):
    """All has been said: nothing more is passed on."""


class _Connection:
    """One client, and the target that it speaks to; unless both come to their end, a reset."""

    def __init__(self, traffic: _Traffic, client: socket.socket) -> None:
        self._traffic = traffic
        self._client = client
        self._target = socket.socket()
        self._target.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._is_over = self._is_cut = False

    async def serve(self, target: tuple[str, int]) -> None:
        try:
            await self._serve(target)
        except* (OSError, _Over):
            pass

    def close(self, _serving: object) -> None:
        for side in (self._client, self._target):
            if not self._is_over:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            side.close()

    async def _serve(self, target: tuple[str, int]) -> None:
        await self._traffic.until(_Mode.lets_up)
        if status := self._traffic.mode.status:
            await self._answer(await self._read_more(), status)
        await self._loop.sock_connect(self._target, target)
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._pass_up())
            ways.create_task(self._pass_down())
        self._is_over = True

    async def _pass_up(self) -> None:
        while data := await self._receive(self._client, _Mode.lets_up):
            if status := self._traffic.mode.status:
                self._traffic.bytes_up += len(data)
                await self._answer(data, status)
            async for sent in self._in_steps(data, _Mode.rate_up, _Mode.lets_up):
                self._traffic.bytes_up += len(sent)
                await self._send(self._target, sent)
        self._target.shutdown(socket.SHUT_WR)

    async def _pass_down(self) -> None:
        while data := await self._receive(self._target, _Mode.lets_down):
            async for sent in self._in_steps(data, _Mode.rate_down, _Mode.lets_down):
                self._traffic.bytes_down += len(sent)
                await self._send(self._client, sent)
        self._client.shutdown(socket.SHUT_WR)

    async def _in_steps(
        self,
        data: bytes,
        rate_of: Callable[[_Mode], int | None],
        allowed: Callable[[_Mode], bool],
    ) -> AsyncIterator[bytes]:
        """What of it may go, as soon as it may, at the rate of the mode at that moment."""
        start = 0
        while start < len(data):
            rate = rate_of(self._traffic.mode)
            step = data[start:][: max(1, rate // STEPS_A_SECOND) if rate else None]
            start += len(step)
            if rate:
                await self._traffic.pause(len(step) / rate)
            await self._traffic.until(allowed)
            yield self._up_to_cut(step)

    async def _receive(self, source: socket.socket, allowed: Callable[[_Mode], bool]) -> bytes:
        data = await self._loop.sock_recv(source, CHUNK_BYTES)
        await self._traffic.until(allowed)
        return data

    def _up_to_cut(self, data: bytes) -> bytes:
        if self._is_cut:
            raise ConnectionResetError
        sent, self._is_cut = self._traffic.up_to_cut(data)
        return sent

    async def _send(self, sink: socket.socket, data: bytes) -> None:
        await self._loop.sock_sendall(sink, data)
        if self._is_cut:
            raise ConnectionResetError

    async def _answer(self, received: bytes, status: int) -> NoReturn:
        if _REQUEST_LINE.match(received):  # not the middle of a request that was passed on
            await self._read_request(received)
        answer = _s3_error(status)
        self._traffic.bytes_down += len(answer)
        await self._loop.sock_sendall(self._client, answer)
        self._client.shutdown(socket.SHUT_WR)
        while True:  # a client that is still sending would otherwise meet a reset
            await self._read_more()

    async def _read_request(self, received: bytes) -> None:
        while b"\r\n\r\n" not in received:
            received += await self._read_more()
        head, _blank_line, body = received.partition(b"\r\n\r\n")
        if b"100-continue" in head.lower():
            await self._loop.sock_sendall(self._client, b"HTTP/1.1 100 Continue\r\n\r\n")
        length = _CONTENT_LENGTH.search(head)
        missing = int(length[1]) - len(body) if length else 0
        while missing > 0:
            missing -= len(await self._read_more())

    async def _read_more(self) -> bytes:
        data = await self._loop.sock_recv(self._client, CHUNK_BYTES)
        self._traffic.bytes_up += len(data)
        if not data:
            self._is_over = True
            raise _Over
        return data


def _bound_socket(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setblocking(False)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _random_numbers(random: Random, low: int, high: int) -> Iterator[int]:
    while True:
        yield random.randint(low, high)


def _s3_error(status: int) -> bytes:
    reason, code = S3_ERRORS[status]
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{reason}</Message></Error>"
    )
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        "Content-Type: application/xml\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return (head + body).encode()

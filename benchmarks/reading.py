"""A long answer read to its end, at as little cost as a client can."""

import contextlib
import http.client
import time
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from benchmarks.system import MB
from toastclub.testing.server import Client

TIMEOUT = 60  # seconds without a byte


@dataclass(frozen=True)
class Reading:
    """Seconds from the request on, and the bytes of the body."""

    first_byte: float
    last_byte: float
    size: int


def read(
    client: Client, path: str, *, encoding: str = "identity", into: BinaryIO | None = None
) -> Reading:
    """Reads what the API has at that path, by a connection of its own; all of it must come."""
    address = urlsplit(client.address).netloc
    headers = {**client.headers, "Accept-Encoding": encoding, "Connection": "close"}
    buffer = memoryview(bytearray(MB))
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT)
    with contextlib.closing(connection):
        start = time.perf_counter()
        connection.request("GET", f"/api/v1{path}", headers=headers)
        answer = connection.getresponse()
        size = count = answer.readinto(buffer[:1])
        first_byte = time.perf_counter() - start
        while count:
            if into:
                into.write(buffer[:count])
            count = answer.readinto(buffer)
            size += count
        last_byte = time.perf_counter() - start
    if answer.status != 200 or size != int(answer.headers.get("Content-Length", size)):
        raise RuntimeError(f"{path} answered {answer.status}, {size} bytes: {answer.headers}")
    return Reading(first_byte, last_byte, size)

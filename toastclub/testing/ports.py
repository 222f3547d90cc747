"""Ports for services that run beside each other."""

import contextlib
import random
import socket
from collections.abc import Iterator

GRPC_OFFSET = 10_000  # SeaweedFS puts each part's gRPC port this far above its HTTP port
_SIGNS = range(12_000, 12_000 + GRPC_OFFSET, 5)


@contextlib.contextmanager
def four_ports() -> Iterator[list[int]]:
    """Ports that no other process that asks here is given for as long as they are ours.

    A server binds its ports seconds after they were found to be free. Therefore the port before
    them is occupied meanwhile, as a sign to others. All of them, with their gRPC twins, lie below
    those that the system gives to connections.
    """
    for sign in random.sample(_SIGNS, len(_SIGNS)):
        ports = list(range(sign + 1, sign + 5))
        with socket.socket() as occupied:
            try:
                occupied.bind(("127.0.0.1", sign))
                _check_free(*ports, *(port + GRPC_OFFSET for port in ports))
            except OSError:
                continue
            yield ports
            return
    raise OSError("all ports for test services are taken")


def _check_free(*ports: int) -> None:
    """Raises `OSError` if one of the ports is taken."""
    for port in ports:
        with socket.socket() as wanted:
            wanted.bind(("127.0.0.1", port))

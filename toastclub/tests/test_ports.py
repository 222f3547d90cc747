import contextlib

import pytest

from toastclub.testing.ports import GRPC_OFFSET, four_ports

pytestmark = pytest.mark.one_database


def test_services_that_start_at_once_are_given_different_ports() -> None:
    with contextlib.ExitStack() as services:
        given = [port for _ in range(200) for port in services.enter_context(four_ports())]

    assert len(set(given)) == 800
    assert not set(given) & {port + GRPC_OFFSET for port in given}

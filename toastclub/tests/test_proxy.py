"""The proxy that makes connections fail for other tests."""

import contextlib
import http.client
import socket
import socketserver
import threading
from random import Random

import pytest
from botocore.exceptions import ClientError

from toastclub.testing.proxy import FaultyProxy
from toastclub.testing.services import ObjectStore

pytestmark = pytest.mark.one_database

TIMEOUT = 20  # seconds; reached only by what is broken
A_LOT = b"voz" * 500_000


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(ConnectionError):
            while data := self.request.recv(65536):
                self.request.sendall(data)


class EchoServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def target():
    with EchoServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(target):
    with FaultyProxy(*target) as proxy:
        yield proxy


def connect(proxy):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=TIMEOUT)


@pytest.fixture
def connection(proxy):
    """A connection that has passed its first bytes to and fro."""
    with connect(proxy) as connection:
        connection.sendall(b"hola")
        assert receive(connection, 4) == b"hola"
        yield connection


def receive(connection, count):
    received = b""
    while len(received) < count:
        data = connection.recv(65536)
        assert data, f"the connection ended after {len(received)} bytes"
        received += data
    return received


def echo_of(connection, data):
    sender = threading.Thread(target=connection.sendall, args=(data,))
    sender.start()
    try:
        return receive(connection, len(data))
    finally:
        sender.join()


def is_reset(connection):
    """Whether the connection is reset before it comes to an orderly end."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        return True
    return False


def request(proxy, method="PUT", body=b"", headers=None):
    client = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=TIMEOUT)
    with contextlib.closing(client):
        client.request(method, "/toastclub/voz.wav", body, headers or {})
        answer = client.getresponse()
        return answer.status, answer.read()


def test_everything_is_passed_on_and_counted(proxy):
    with connect(proxy) as connection:
        assert echo_of(connection, A_LOT) == A_LOT

    assert proxy.bytes_up == proxy.bytes_down == len(A_LOT)


def test_the_end_of_what_a_client_sends_reaches_the_target(connection):
    connection.sendall(b"adios")
    connection.shutdown(socket.SHUT_WR)

    assert receive(connection, 5) == b"adios"
    assert connection.recv(1) == b""


def test_whoever_connects_is_refused(proxy):
    proxy.refuse()

    with pytest.raises(ConnectionRefusedError):
        connect(proxy)


def test_what_is_open_is_reset_when_the_proxy_refuses(proxy, connection):
    proxy.refuse()

    assert is_reset(connection)


def test_the_same_port_listens_again_after_a_refusal(proxy):
    port = proxy.port
    proxy.refuse()
    proxy.refuse()
    proxy.pass_on()

    with connect(proxy) as connection:
        assert proxy.port == port
        assert echo_of(connection, b"hola") == b"hola"


def test_an_unreachable_target_resets_the_client():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with (
            FaultyProxy(*nobody.getsockname()) as proxy,
            pytest.raises(ConnectionResetError),  # may come while the client still connects
            connect(proxy) as connection,
        ):
            connection.recv(1)


def test_nothing_passes_while_the_proxy_hangs(proxy):
    proxy.hang()
    with connect(proxy) as connection:
        connection.sendall(b"hola")
        assert (proxy.bytes_up, proxy.bytes_down) == (0, 0)

        proxy.pass_on()

        assert receive(connection, 4) == b"hola"


def test_an_open_connection_hangs_too(proxy, connection):
    proxy.hang()
    connection.sendall(b"hola")
    assert (proxy.bytes_up, proxy.bytes_down) == (4, 4)

    proxy.pass_on()

    assert receive(connection, 4) == b"hola"


def test_an_answer_is_withheld_after_the_request_was_passed_on():
    arrived = threading.Event()

    class Announcing(Echo):
        def handle(self):
            self.request.sendall(self.request.recv(4))
            arrived.set()

    with EchoServer(("127.0.0.1", 0), Announcing) as server:
        threading.Thread(target=server.handle_request).start()
        with FaultyProxy(*server.server_address) as proxy, connect(proxy) as connection:
            proxy.withhold_answers()
            connection.sendall(b"hola")
            assert arrived.wait(TIMEOUT)
            assert (proxy.bytes_up, proxy.bytes_down) == (4, 0)

            proxy.pass_on()

            assert receive(connection, 4) == b"hola"


@pytest.mark.parametrize(
    "slow_down, counter",
    [(FaultyProxy.slow_down, "bytes_up"), (FaultyProxy.slow_answers_down, "bytes_down")],
)
def test_a_slow_connection_goes_on_byte_by_byte(proxy, slow_down, counter):
    slow_down(proxy, bytes_a_second=20)
    with connect(proxy) as connection:
        connection.sendall(A_LOT[:50_000])
        assert receive(connection, 1) == b"v"
        assert getattr(proxy, counter) < 50_000

        proxy.pass_on()

        receive(connection, 49_999)


def test_a_slow_connection_that_is_made_to_hang_hangs(proxy):
    proxy.slow_down(bytes_a_second=20)
    with connect(proxy) as connection:
        connection.sendall(A_LOT[:50_000])
        receive(connection, 1)
        proxy.hang()
        assert proxy.bytes_up < 50_000


@pytest.mark.parametrize(
    "status, code", [(403, "AccessDenied"), (500, "InternalError"), (503, "SlowDown")]
)
def test_a_request_is_answered_with_a_status_of_the_proxys_own(proxy, status, code):
    proxy.answer(status=status)

    answered, body = request(proxy, body=A_LOT)

    assert answered == status
    assert f"<Code>{code}</Code>".encode() in body
    assert proxy.bytes_up > len(A_LOT)


def test_the_next_request_of_an_open_connection_is_answered_too(proxy, connection):
    proxy.answer(status=500)
    connection.sendall(b"GET / HTTP/1.1\r\n")
    connection.sendall(b"Host: x\r\n\r\n")

    answer = http.client.HTTPResponse(connection)
    answer.begin()

    assert answer.status == 500


def test_a_request_that_is_half_passed_on_is_answered_too(proxy, connection):
    proxy.answer(status=503)
    connection.sendall(b"the middle of a body")

    assert receive(connection, 12).startswith(b"HTTP/1.1 503")


def test_a_body_that_waits_to_be_asked_for_is_asked_for(proxy):
    proxy.answer(status=500)
    with connect(proxy) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert receive(connection, 25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hola")

        assert receive(connection, 12).startswith(b"HTTP/1.1 500")


def test_a_client_that_leaves_instead_of_asking_does_no_harm(proxy):
    proxy.answer(status=500)
    connect(proxy).close()

    assert request(proxy)[0] == 500


def test_a_connection_is_cut_after_a_number_of_bytes_once(proxy, connection):
    proxy.cut_after(1000)
    connection.sendall(A_LOT[:1000])

    assert is_reset(connection)
    assert proxy.cuts == 1
    with connect(proxy) as another:
        assert echo_of(another, A_LOT) == A_LOT


def cut_lengths(proxy):
    """How much has passed at each of the first four cuts."""
    lengths = []
    for _cut in range(4):
        with connect(proxy) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(A_LOT)
            assert is_reset(connection)
        lengths.append(proxy.bytes_up + proxy.bytes_down)
    return lengths


def test_connections_are_cut_at_random_again_and_again(target):
    with FaultyProxy(*target) as proxy:
        proxy.cut_at_random(Random(7), between=(10_000, 90_000))
        lengths = cut_lengths(proxy)

    random = Random(7)
    drawn = [random.randint(10_000, 90_000) for _cut in range(4)]
    assert lengths == [sum(drawn[: number + 1]) for number in range(4)]


def test_everything_is_closed_in_the_end(target):
    with FaultyProxy(*target) as proxy:
        proxy.hang()
        waiting = connect(proxy)
    with waiting:
        assert is_reset(waiting)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)


def test_a_store_seems_to_refuse_what_the_application_puts(proxy):
    store = ObjectStore(proxy.address)
    proxy.answer(status=403)

    with contextlib.closing(store.client()) as client, pytest.raises(ClientError) as refusal:
        client.put_object(Bucket=store.bucket, Key="voz.wav", Body=A_LOT)

    assert refusal.value.response["Error"]["Code"] == "AccessDenied"
    assert proxy.bytes_up > len(A_LOT)

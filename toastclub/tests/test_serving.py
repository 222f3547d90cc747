"""What gunicorn itself does with requests, on several processes and over several starts."""

import contextlib
import http.client
import json
import re
import runpy
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote, urlsplit

import pytest
import requests
from django.conf import settings
from gunicorn import util

from toastclub.environment import BASE_DIR
from toastclub.responses import BROKEN_BODY
from toastclub.testing.server import SUPERUSER, production, run, serving

pytestmark = pytest.mark.one_database

TEXT_ID = "20251225202648_0001"
FORM = "multipart/form-data; boundary=b"
PARTICIPANT = "Rosa Ñáñez"
FACILITATOR = {"email": "impulsador@toastclub.com", "password": "impulsador123"}
ANALYST = {"email": "analista@toastclub.com", "password": "analista123"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("serving")


@pytest.fixture(scope="module")
def server(seaweed, folder):
    with production(seaweed, folder, MAX_AUDIO_SIZE_MB="1") as server:
        yield server


@pytest.fixture(scope="module")
def local_environment(folder):
    """A local installation, prepared as `make run` does, with local disk and SQLite."""
    environment = {"TOASTCLUB_DATA_DIR": str(folder / "local")}
    run(environment, "prepare_local")
    return environment


def new_session(client):
    body = {"datos_participante": {"nombre": PARTICIPANT}, "texto_seleccionado_id": TEXT_ID}
    answer = client.post("/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def upload(client, session, content):
    return client.post(f"/sessions/{session['id']}/upload", files={"file": ("voz.wav", content)})


def raw(server, request):
    """Status, headers and body of what the server answers to those bytes."""
    address = urlsplit(server.address)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize(
    "request_bytes, status",
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET /api/v1/texts HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n", 400),
        (b"GET /api/v1/texts HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: no\r\n\r\n", 400),
    ],
    ids=["request line", "version", "header name", "header size", "address size", "length"],
)
def test_what_never_becomes_a_request_is_refused_in_json(server, request_bytes, status):
    answered, headers, body = raw(server, request_bytes)

    assert answered == status
    assert headers["Content-Type"] == "application/json"
    assert isinstance(json.loads(body)["detail"], str)


def test_a_request_for_another_host_is_refused_in_json(server):
    request = b"GET /api/v1/texts HTTP/1.1\r\nHost: evil.example.net\r\nConnection: close\r\n\r\n"

    status, headers, body = raw(server, request)

    assert status == 400
    assert headers["Content-Type"] == "application/json"
    assert isinstance(json.loads(body)["detail"], str)


def multipart(content):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="voz.wav"\r\n\r\n'
    return head + content + b"\r\n--b--\r\n"


def send_chunked(client, path, content_type, body):
    """The answer to a body that is sent in chunks, so without a Content-Length."""
    pieces = (body[start : start + 7_000] for start in range(0, len(body), 7_000))
    return client.post(path, data=pieces, headers={"Content-Type": content_type})


def test_a_chunked_upload_arrives_whole(server, spoken_wav):
    analyst = server.administrator()
    session = new_session(analyst)

    path = f"/sessions/{session['id']}/upload"
    answer = send_chunked(analyst, path, FORM, multipart(spoken_wav))

    assert answer.status_code == 201, answer.text
    url = analyst.get(f"/recordings/{answer.json()['id']}/download").json()["download_url"]
    assert requests.get(url, timeout=60).content == spoken_wav


def test_a_chunked_json_body_arrives_whole(server):
    body = json.dumps(SUPERUSER).encode()

    answer = send_chunked(server.client(), "/auth/login", "application/json", body)

    assert answer.status_code == 200


def test_a_chunked_upload_that_is_too_long_is_refused(server):
    analyst = server.administrator()
    session = new_session(analyst)

    path = f"/sessions/{session['id']}/upload"
    too_long = multipart(b"RIFF\x00\x00\x00\x00WAVE" + b"\x00" * 1024 * 1024)
    answer = send_chunked(analyst, path, FORM, too_long)

    assert answer.status_code == 413
    assert analyst.get(f"/sessions/{session['id']}").json()["recording_id"] is None


@pytest.mark.parametrize("path", ["/auth/login", "/recordings/upload"])
@pytest.mark.parametrize(
    "body", [b"zz\r\n\r\n", b"-5\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b"5\r\nab"]
)
def test_a_body_whose_chunks_are_broken_is_refused(server, path, body):
    token = server.administrator().headers["Authorization"].encode()
    content_type = b"application/json" if path == "/auth/login" else FORM.encode()
    head = (
        b"POST /api/v1%s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
        b"Authorization: %s\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    status, _headers, answer = raw(server, head % (path.encode(), token, content_type) + body)

    assert status == 400
    assert json.loads(answer) == {"detail": BROKEN_BODY}


def test_a_refusal_hears_the_upload_out_and_keeps_the_connection(server, spoken_wav):
    address = urlsplit(server.address)
    with closing(http.client.HTTPConnection(address.netloc, timeout=20)) as connection:
        for _upload in range(3):
            headers = {"Content-Type": FORM, "X-Forwarded-Proto": "https"}
            body = multipart(spoken_wav * 3)
            connection.request("POST", "/api/v1/sessions/999999/upload", body, headers)
            with connection.getresponse() as answer:
                assert (answer.status, answer.getheader("Connection")) == (401, "keep-alive")
                answer.read()
        assert connection.sock is not None


def test_a_request_that_comes_along_with_the_body_before_it_is_answered(server):
    address = urlsplit(server.address)
    body = b'{"email": "a@example.org", "password": "x"}'
    login = (
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    health = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"

    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(login + health)
        answers = connection.makefile("rb").read()

    assert re.findall(rb"HTTP/1\.1 (\d+)", answers) == [b"401", b"200"]


def test_a_body_that_comes_in_crumbs_arrives_whole(server):
    address = urlsplit(server.address)
    body = json.dumps({"email": FACILITATOR["email"], "password": "x" * 500}).encode()
    head = (
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    )

    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head + body[:1])
        for start in range(1, len(body), 7):
            connection.sendall(body[start : start + 7])
        answer = http.client.HTTPResponse(connection)
        answer.begin()

        assert answer.status == 401


def test_thirty_headsets_behind_one_address_all_enter(server):
    codes = [new_session(server.administrator())["session_code"] for _headset in range(3)] * 10
    start = threading.Barrier(len(codes))

    def enters_five_times(code):
        start.wait()
        headset = server.client()
        return [headset.get(f"/sessions/by-code/{code}").status_code for _time in range(5)]

    with ThreadPoolExecutor(len(codes)) as headsets:
        statuses = [status for each in headsets.map(enters_five_times, codes) for status in each]

    assert statuses == [200] * 150


def test_wrong_codes_are_throttled_while_right_ones_go_on(server):
    code = new_session(server.administrator())["session_code"]
    headset = server.client()

    misses = settings.CODE_MISSES_ALLOWED
    statuses = [headset.get("/sessions/by-code/wrong").status_code for _time in range(misses)]
    refused = headset.get("/sessions/by-code/wrong")

    assert statuses == [404] * misses
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert headset.get(f"/sessions/by-code/{code}").status_code == 200


def test_failed_logins_are_counted_across_processes(server, folder):
    """Two servers share nothing but the database, as processes and machines do."""
    wrong = {"email": "nadie@example.org", "password": "una-clave-que-no-es"}
    half = settings.LOGIN_FAILURES_ALLOWED // 2
    with serving(server.environment, folder / "second.log") as second:
        clients = [server.client(), second.client()] * half
        allowed = [client.post("/auth/login", json=wrong).status_code for client in clients]
        refused = second.client().post("/auth/login", json=wrong)

    assert allowed == [401] * settings.LOGIN_FAILURES_ALLOWED
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def secrets_of_a_visit(server, account, spoken_wav):
    """What opens a door or names a person in a session's life, with the mistakes of clients."""
    analyst = server.logged_in(**account)
    session = new_session(analyst)
    code = session["session_code"]
    headset = server.client(**{"X-Session-Code": code})
    headset.get(f"/sessions/by-code/{code.upper()}")
    recording_id = upload(headset, session, spoken_wav).json()["id"]
    url = analyst.get(f"/recordings/{recording_id}/download").json()["download_url"]
    assert requests.get(url, timeout=60).content == spoken_wav
    analyst.get("/users", params={"email": account["email"], "q": PARTICIPANT})
    authorization = analyst.headers["Authorization"]
    query = f"q={quote(PARTICIPANT)}"
    raw(server, f"GET /admin/sessions_app/session/?{query}\r\n\r\n".encode())
    raw(server, f"GET /api/v1/sessions/by-code/{code} HTTP/9.9\r\n\r\n".encode())
    raw(server, f"GET /{authorization} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    raw(server, f"GET / HTTP/1.1\r\nHost: x\r\nX-Session-Code : {code}\r\n\r\n".encode())
    token, signature = authorization.split()[1], url.rpartition("/")[2].rpartition("=")[2]
    return [code, code.upper(), token, signature, query, *account.values()]


def secrets_in(log, secrets):
    assert "/api/v1/sessions/by-code/" in log
    return [secret for secret in secrets if secret in log]


def test_nothing_secret_is_in_the_log(server, spoken_wav):
    secrets = secrets_of_a_visit(server, SUPERUSER, spoken_wav)

    assert secrets_in(server.log(), secrets) == []


def test_nothing_secret_is_in_the_log_of_a_server_that_serves_the_audio_itself(
    local_environment, folder, spoken_wav
):
    with serving(local_environment, folder / "local.log") as server:
        secrets = secrets_of_a_visit(server, ANALYST, spoken_wav)

        assert secrets_in(server.log(), secrets) == []
        assert "/files/" in server.log()


def test_a_second_start_on_the_same_data_loses_nothing(local_environment, folder, spoken_wav):
    new_password = "una-clave-larga-y-propia"
    with serving(local_environment, folder / "first.log") as first:
        analyst = first.logged_in(**ANALYST)
        session = new_session(analyst)
        recording = upload(analyst, session, spoken_wav).json()
        change = {"current_password": FACILITATOR["password"], "new_password": new_password}
        first.logged_in(**FACILITATOR).post("/auth/change-password", json=change)
        texts = analyst.get("/texts").json()

    run(local_environment, "prepare_local")
    with serving(local_environment, folder / "again.log") as second:
        again = second.client(Authorization=analyst.headers["Authorization"])
        kept = again.get(f"/sessions/{session['id']}").json()
        url = again.get(f"/recordings/{recording['id']}/download").json()["download_url"]

        assert kept["session_code"] == session["session_code"]
        assert kept["recording_id"] == recording["id"]
        assert requests.get(url, timeout=60).content == spoken_wav
        assert again.get("/texts").json() == texts
        assert second.logged_in(FACILITATOR["email"], new_password)


@pytest.mark.parametrize("debug, preloads", [("1", False), ("0", True)])
def test_code_is_loaded_before_the_workers_unless_it_is_to_be_reloaded(
    monkeypatch, debug, preloads
):
    """gunicorn's --reload restarts the workers, which would inherit what was loaded before."""
    monkeypatch.setenv("DEBUG", debug)
    monkeypatch.setattr(util, "write_error", util.write_error)  # which the file replaces

    assert runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")["preload_app"] is preloads


def test_a_worker_leaves_control_c_to_the_master(monkeypatch):
    monkeypatch.setattr(util, "write_error", util.write_error)  # which the file replaces
    before = signal.getsignal(signal.SIGINT)
    try:
        runpy.run_path(settings.BASE_DIR / "gunicorn.conf.py")["post_worker_init"](None)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def impatient_server(seaweed, tmp_path_factory):
    """A server that cuts what stalls for a second; otherwise as in production."""
    folder = tmp_path_factory.mktemp("impatient")
    config = folder / "gunicorn.conf.py"
    config.write_text(
        "import runpy\n"
        f"globals().update(runpy.run_path({str(BASE_DIR / 'gunicorn.conf.py')!r}))\n"
        "when_ready.__globals__['STALL_SECONDS'] = 1\n"
    )
    with production(seaweed, folder, "--config", str(config)) as server:
        yield server


HEADERS = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
STALLED = {
    "amid its headers": HEADERS,
    "after its headers": HEADERS + b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n",
}


@pytest.mark.parametrize("sent", STALLED.values(), ids=STALLED)
def test_a_connection_that_stalls_is_cut(impatient_server, sent):
    address = urlsplit(impatient_server.address)

    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(sent)
        while connection.recv(65536):
            pass

    assert "Traceback" not in impatient_server.log()


def test_connections_that_stall_keep_nobody_from_an_answer(server):
    address = urlsplit(server.address)
    with contextlib.ExitStack() as stalled:
        for _number in range(50):
            connection = socket.create_connection((address.hostname, address.port))
            stalled.enter_context(connection).sendall(STALLED["after its headers"])
        answer = requests.get(f"{server.address}/health", timeout=5)

    assert answer.status_code == 200

"""The running system against its own OpenAPI document, call by call and in chains of calls."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from toastclub.environment import BASE_DIR
from toastclub.testing.server import production, run

pytestmark = [pytest.mark.one_database, pytest.mark.longest]

SCHEMA = BASE_DIR / "docs" / "openapi.yaml"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SPEECH = BASE_DIR / "recordings" / "tests" / "samples" / "discurso.wav"
TEXT_ID = "20251225202648_0001"
STORED = 12  # of each kind, as the configuration says
STATES = ["ready_to_start", "running", "audio_uploaded", "survey_pending", "completed"]
# An id that no fuzzer hits by chance: an account that locked itself out would see nothing more.
ANALYST = {"id": 900_000_000_000_001, "email": "fuzz@example.org", "password": "clave-de-prueba-7"}


@pytest.fixture(scope="module")
def server(seaweed, tmp_path_factory):
    with production(seaweed, tmp_path_factory.mktemp("fuzzing")) as server:
        yield server


@pytest.fixture(scope="module")
def analyst(server):
    account = {**ANALYST, "name": "Fuzz", "role": "ANALISTA"}
    code = f"from accounts.models import User; User.objects.create_user(**{account})"
    run(server.environment, "shell", "--no-imports", "-c", code)
    return server.logged_in(ANALYST["email"], ANALYST["password"])


@pytest.fixture(scope="module")
def session_code(analyst):
    """Fills the system; the code of a session in it."""
    codes = [store_a_session(analyst, number) for number in range(STORED)]
    for number in range(STORED):
        account = {"email": f"n{number}@example.org", "name": "N", "role": "IMPULSADOR"}
        created(analyst.post("/users", json=account))
    return codes[0]


def store_a_session(analyst, number):
    body = {"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": TEXT_ID}
    session = created(analyst.post("/sessions", json=body))
    path = f"/sessions/{session['id']}"
    created(analyst.post(f"{path}/upload", files={"file": SPEECH.open("rb")}))
    created(analyst.post(f"{path}/survey", json={"respuestas_json": {"pregunta": 1}}))
    for state in STATES[: number % len(STATES)]:
        assert analyst.patch(f"{path}/state", json={"new_state": state}).status_code == 200
    return session["session_code"]


def created(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()


def fuzz(server, session_code, *options):
    """Runs schemathesis with every check; fails with its report."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={CONFIGURATION}",
        "run",
        str(SCHEMA),
        f"--url={server.address}",
        "--header=X-Forwarded-Proto: https",
        "--checks=all",
        "--continue-on-failure",
        "--request-timeout=60",
        "--generation-deterministic",
        "--no-color",
        "--output-sanitize=false",
        *options,
    ]
    environment = {
        **os.environ,
        "SESSION_CODE": session_code,
        "FUZZING_USER_ID": str(ANALYST["id"]),
    }
    done = subprocess.run(  # noqa: S603 - nothing in the command comes from outside
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def test_the_contract_holds_whatever_an_analyst_sends(server, analyst, session_code):
    token = analyst.headers["Authorization"]

    fuzz(server, session_code, f"--header=Authorization: {token}", "--max-examples=10")

    assert analyst.get("/auth/me").status_code == 200, "the token died: what followed is void"


def test_the_contract_holds_whatever_a_stranger_sends(server, session_code):
    fuzz(server, session_code, "--phases=examples,coverage,fuzzing", "--max-examples=5")

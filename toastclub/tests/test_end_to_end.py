"""Everybody's whole job against one running system, over real HTTP."""

import csv
import io
import re
import zipfile
from http.cookiejar import DefaultCookiePolicy

import pytest
import requests

from toastclub.testing.server import SUPERUSER, WEB_CLIENT, production

pytestmark = pytest.mark.one_database

TEXT_ID = "20251225202648_0001"
ANSWERS = {
    "experiencia_general": "excelente",
    "facilidad_uso": "muy_facil",
    "mejoras_sugeridas": "Más textos, «ñandú» y\notra línea",
}


@pytest.fixture(scope="module")
def server(seaweed, tmp_path_factory):
    with production(seaweed, tmp_path_factory.mktemp("production")) as server:
        yield server


@pytest.fixture(scope="module")
def facilitator(server):
    return server.new_account("IMPULSADOR")


@pytest.fixture(scope="module")
def analyst(server):
    return server.new_account("ANALISTA")


def ok(answer, status=200):
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def new_session(facilitator, nombre="Juan Pérez"):
    body = {"datos_participante": {"nombre": nombre}, "texto_seleccionado_id": TEXT_ID}
    return ok(facilitator.post("/sessions", json=body), 201)


def headset_that_sends_the_header(server, code):
    headset = server.client(**{"X-Session-Code": code})
    headset.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return headset


def headset_that_keeps_the_cookie(server, code):
    return server.client()


@pytest.mark.parametrize(
    "headset_of", [headset_that_sends_the_header, headset_that_keeps_the_cookie]
)
def test_a_speech_goes_from_the_facilitators_desk_to_the_analysts_zip(
    server, facilitator, analyst, spoken_wav, headset_of
):
    session_code = chooses_a_text_and_creates_a_session(facilitator)
    headset = headset_of(server, session_code)
    session_id = enters_reads_and_speaks(headset, session_code, spoken_wav)
    answers_the_survey(headset, session_id)
    recording_id = finds_it_in_the_dataset(analyst, session_id)
    listens(analyst, recording_id, spoken_wav)
    exports(analyst, session_id, session_code, recording_id, spoken_wav)


def chooses_a_text_and_creates_a_session(facilitator):
    assert ok(facilitator.get("/auth/me"))["rol"] == "IMPULSADOR"
    found = ok(facilitator.get("/texts", params={"tema": " Especialización ", "tono": "COMBATIVO"}))
    assert [text["Id"] for text in found["texts"]] == [TEXT_ID]
    body = {
        "datos_participante": {
            "nombre": "Lucía Ñahui",
            "edad_aproximada": 25,
            "email_opcional": "lucia@example.com",
        },
        "texto_seleccionado_id": TEXT_ID,
    }
    session = ok(facilitator.post("/sessions", json=body), 201)
    assert session["datos_participante"] == body["datos_participante"]
    return session["session_code"]


def enters_reads_and_speaks(headset, typed_code, speech):
    session = ok(headset.get(f"/sessions/by-code/{typed_code.upper()}"))
    assert session["estado"] == "created"
    pages = session["texto_seleccionado"]["Pages"]
    assert len(pages) > 10
    for page in pages[2:]:
        assert len(page) <= 8
        assert max(len(line) for line in page) <= 39

    path = f"/sessions/{session['id']}"
    for state in ("ready_to_start", "running"):
        moved = ok(headset.patch(f"{path}/state", json={"new_state": state}))
        assert moved["estado"] == state
    recording = ok(headset.post(f"{path}/upload", files={"file": ("voz.wav", speech)}), 201)
    assert recording["formato"] == "audio/wav"
    assert recording["duracion_segundos"] == pytest.approx(8, abs=1)
    assert ok(headset.get(path))["estado"] == "audio_uploaded"
    ok(headset.patch(f"{path}/state", json={"new_state": "survey_pending"}))
    return session["id"]


def answers_the_survey(headset, session_id):
    path = f"/sessions/{session_id}/survey"
    ok(headset.post(path, json={"respuestas_json": ANSWERS}), 201)
    assert ok(headset.get(f"/sessions/{session_id}"))["estado"] == "completed"


def finds_it_in_the_dataset(analyst, session_id):
    dataset = ok(analyst.get("/dataset"))
    assert dataset["total_sessions"] == len(dataset["dataset"])
    (entry,) = [entry for entry in dataset["dataset"] if entry["session_id"] == session_id]
    assert entry["participant_name"] == "Lucía Ñahui"
    assert entry["estado"] == "completed"
    assert entry["survey_responses"] == [ANSWERS]
    (recording,) = entry["recordings"]
    return recording["id"]


def listens(analyst, recording_id, speech):
    handed_out = ok(analyst.get(f"/recordings/{recording_id}/download"))
    assert handed_out["expires_in"] == 600
    file = requests.get(handed_out["download_url"], timeout=60)
    assert file.content == speech
    assert file.headers["Content-Type"] == "audio/wav"
    assert file.headers["Content-Disposition"].startswith("attachment")


def exports(analyst, session_id, session_code, recording_id, speech):
    answer = analyst.get("/dataset/export")
    assert answer.status_code == 200
    name = r'attachment; filename="dataset_export_\d{8}_\d{4}\.zip"'
    assert re.fullmatch(name, answer.headers["Content-Disposition"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        (row,) = rows_of(archive, "dataset.csv", session_id)
        assert row["audio_file"] == f"audios/{session_code}__{recording_id}.wav"
        assert row["recording_id"] == str(recording_id)
        assert row["audio_missing"] == "False"
        assert archive.read(row["audio_file"]) == speech
        (answers,) = rows_of(archive, "surveys.csv", session_id)
        assert answers["survey_id"] == row["survey_id"]
        assert {key: answers[key] for key in ANSWERS} == ANSWERS


def rows_of(archive, name, session_id):
    table = io.StringIO(archive.read(name).decode("utf-8"), newline="")
    return [row for row in csv.DictReader(table) if row["session_id"] == str(session_id)]


def test_a_headset_cannot_reach_another_session_or_the_dataset(server, facilitator):
    own, other = new_session(facilitator), new_session(facilitator, "Otra persona")
    headset = headset_that_sends_the_header(server, own["session_code"])

    refused = headset.get(f"/sessions/{other['id']}")

    assert ok(headset.get(f"/sessions/{own['id']}"))["id"] == own["id"]
    assert refused.status_code == 404
    assert headset.get("/dataset").status_code == 403


def test_the_cookie_of_by_code_is_for_https_and_out_of_scripts_reach(server, facilitator):
    code = new_session(facilitator)["session_code"]

    cookie = server.client().get(f"/sessions/by-code/{code}").headers["Set-Cookie"]

    assert cookie.startswith(f"session_code={code};")
    assert {"HttpOnly", "SameSite=Strict", "Secure"} <= set(cookie.split("; "))


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_post_keeps_its_body_in_both_slash_forms(server, slash):
    assert "access_token" in ok(server.client().post(f"/auth/login{slash}", json=SUPERUSER))


def test_the_web_client_creates_an_account_that_must_change_its_password(server, analyst):
    account = {"email": "nueva@example.org", "name": "Nueva", "role": "impulsador"}
    created = ok(analyst.post("/admin/users", json=account), 201)
    assert created["user"]["role"] == created["user"]["rol"] == "IMPULSADOR"
    temporary = created["temporary_password"]

    newcomer = server.logged_in(account["email"], temporary)
    refused = newcomer.get("/sessions")
    assert (refused.status_code, refused.json()["detail"]) == (403, "PASSWORD_CHANGE_REQUIRED")

    change = {"current_password": temporary, "new_password": "una-clave-larga-y-propia"}
    assert "message" in ok(newcomer.post("/auth/change-password", json=change))
    assert ok(newcomer.get("/sessions"))["results"] == []


def test_the_web_client_changes_roles_locks_accounts_and_resets_passwords(server, analyst):
    account = {"email": "otra@example.org", "name": "Otra", "role": "IMPULSADOR"}
    account_id = ok(analyst.post("/admin/users", json=account), 201)["user"]["id"]
    path = f"/admin/users/{account_id}"

    assert ok(analyst.patch(path, json={"role": "ANALISTA"}))["role"] == "ANALISTA"
    temporary = ok(analyst.post(f"{path}/reset-password"))["temporary_password"]
    token_holder = server.logged_in(account["email"], temporary)
    assert ok(analyst.patch(path, json={"is_active": False}))["is_active"] is False
    assert token_holder.get("/auth/me").status_code == 401


def test_the_web_client_lists_accounts_as_a_bare_list(analyst):
    everybody = ok(analyst.get("/admin/users"))
    second = ok(analyst.get("/admin/users", params={"skip": 1, "limit": 1}))

    assert SUPERUSER["email"] not in [account["email"] for account in everybody]
    assert second == everybody[1:2]


def test_the_web_client_fills_its_filters_from_the_tags(server):
    tags = ok(server.client().get("/texts/tags"))

    assert tags["keys"] == sorted(tags["values"])
    assert tags["values"]["tema"] == [
        "especialización",
        "ética universitaria",
        "meritocracia",
        "misión de la universidad",
    ]


def test_the_web_client_registers_a_recording_that_it_never_uploaded(facilitator):
    session = new_session(facilitator)

    body = {"audio_url": "pruebas/voz.wav", "duracion_segundos": 3.5}
    recording = ok(facilitator.post(f"/sessions/{session['id']}/recording", json=body), 201)

    assert recording["audio_url"] == "pruebas/voz.wav"
    assert ok(facilitator.get(f"/sessions/{session['id']}"))["recording_id"] == recording["id"]


def preflight(server, origin):
    return server.client().options(
        "/sessions",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-session-code",
        },
    )


def test_a_browser_lets_the_web_client_call_from_its_own_origin(server):
    answer = preflight(server, WEB_CLIENT)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == WEB_CLIENT
    allowed = {name.strip() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "x-session-code"} <= allowed


def test_a_browser_lets_no_other_page_call(server):
    answer = preflight(server, "https://evil.example.net")

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_browser_shows_the_web_client_an_error(server):
    refused = server.client().get("/sessions", headers={"Origin": WEB_CLIENT})

    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == WEB_CLIENT

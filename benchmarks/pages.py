"""The back office's pages among many sessions: how long each takes, and how many queries."""

import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks.counting import HEADER
from benchmarks.figures import Figure, reported
from benchmarks.filling import add_recordings, fill, settle
from benchmarks.listing import recordings_of
from benchmarks.varying import vary
from toastclub.testing.server import run, serving
from toastclub.testing.services import postgres

SESSIONS = 100_000
ROUNDS = 9
WARM_ROUNDS = 4  # for both of the server's processes
SECONDS_LIMIT = 0.3
QUERIES_LIMIT = 9
ANALYST = {"email": "analista@toastclub.com", "password": "analista123"}


@dataclass(frozen=True)
class Look:
    """A page as somebody asks for it; `{id}` stands for a session in the middle of all."""

    name: str
    path: str
    seconds: float = SECONDS_LIMIT


SESSION_LIST = "sessions_app/session/"
RECORDING_LIST = "recordings/recording/"
LOOKS = [
    Look("today", ""),
    Look("sessions", SESSION_LIST),
    Look("sessions, page 20", f"{SESSION_LIST}?p=20"),
    Look("sessions, newest first", f"{SESSION_LIST}?o=-6"),
    Look("sessions, by participant", f"{SESSION_LIST}?o=3"),
    Look("sessions, a name sought", f"{SESSION_LIST}?q=Ñahui"),
    Look("sessions, a code sought", f"{SESSION_LIST}?q=b00050000"),
    Look("sessions, nothing found", f"{SESSION_LIST}?q=nadie-lo-dijo"),
    Look("sessions, of a state", f"{SESSION_LIST}?estado__exact=running"),
    Look("a session", f"{SESSION_LIST}{{id}}/change/"),
    Look("state changes", "sessions_app/sessionevent/"),
    Look("state changes, sought", "sessions_app/sessionevent/?q=b00050000"),
    Look("recordings", RECORDING_LIST),
    Look("recordings, newest first", f"{RECORDING_LIST}?o=-7"),
    Look("recordings, by duration", f"{RECORDING_LIST}?o=-4"),
    Look("recordings, a name sought", f"{RECORDING_LIST}?q=Ñahui"),
    Look("recordings, nothing found", f"{RECORDING_LIST}?q=nadie-lo-dijo"),
    Look("a recording", f"{RECORDING_LIST}{{id}}/change/"),
    Look("parts of uploads", "recordings/resumableupload/"),
    Look("surveys", "surveys/survey/"),
    Look("surveys, a word sought", "surveys/survey/?q=temblaba"),
    Look("surveys, nothing found", "surveys/survey/?q=nadie-lo-dijo"),
    Look("a survey", "surveys/survey/{id}/change/"),
    Look("texts", "training/text/"),
    Look("releases", "dataset/release/"),
    Look("participants", "sessions_app/participant/"),
    Look("participants, sought", "sessions_app/participant/?q=Ñahui"),
    Look("participants, nothing found", "sessions_app/participant/?q=nadie-lo-dijo"),
    Look("a participant", "sessions_app/participant/{id}/change/"),
    Look("accounts", "accounts/user/"),
    Look("log of accesses", "accounts/accessrecord/"),
    Look("log of accesses, sought", "accounts/accessrecord/?q=analista3"),
    Look("log of accesses, of a kind", "accounts/accessrecord/?kind__exact=play"),
]


def measure() -> list[Figure]:
    print(f"\nPages among {SESSIONS} sessions: the median of {ROUNDS}", flush=True)
    with tempfile.TemporaryDirectory() as name, postgres() as database_url:
        folder = Path(name)
        environment = {
            "DATABASE_URL": database_url,
            "TOASTCLUB_DATA_DIR": name,
            "DJANGO_SETTINGS_MODULE": "benchmarks.counted_settings",
        }
        run(environment, "prepare_local")
        with serving(environment, folder / "gunicorn.log") as server:
            fill(server, server.logged_in(**ANALYST), SESSIONS)
            add_recordings(server, recordings_of(SESSIONS))
            vary(server, SESSIONS)
            settle(server)
            browser = logged_in(server.address)
            return [figure for look in LOOKS for figure in _measured(browser, server.address, look)]


def logged_in(address: str) -> requests.Session:
    """A browser in which the analyst has gone through the admin's login."""
    browser = requests.Session()
    browser.trust_env = False
    login = f"{address}/admin/login/"
    form = browser.get(login).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token, form
    fields = {"username": ANALYST["email"], "password": ANALYST["password"]}
    answer = browser.post(
        login,
        {**fields, "csrfmiddlewaretoken": token[1], "next": "/admin/"},
        headers={"Referer": login},
        allow_redirects=False,
    )
    assert answer.status_code == 302, answer.text
    return browser


def _measured(browser: requests.Session, address: str, look: Look) -> list[Figure]:
    url = f"{address}/admin/{look.path.format(id=SESSIONS // 2 + 2)}"
    answers = [_timed(browser, url) for _round in range(WARM_ROUNDS + ROUNDS)][WARM_ROUNDS:]
    seconds = statistics.median(seconds for seconds, _queries in answers)
    queries = max(queries for _seconds, queries in answers)
    return reported(
        Figure(f"pages: {look.name}", seconds, look.seconds, "s"),
        Figure(f"pages: {look.name}, queries", queries, QUERIES_LIMIT),
    )


def _timed(browser: requests.Session, url: str) -> tuple[float, int]:
    start = time.perf_counter()
    answer = browser.get(url, allow_redirects=False)
    seconds = time.perf_counter() - start
    if answer.status_code != 200:
        raise RuntimeError(f"{url}: {answer.status_code}")
    return seconds, int(answer.headers[HEADER])

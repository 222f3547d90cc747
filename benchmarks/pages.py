"""The back office's pages among many sessions: how long each takes, and how many queries."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import requests

from benchmarks.choices import offered_by
from benchmarks.counting import HEADER
from benchmarks.figures import Figure, reported
from benchmarks.filling import add_recordings, fill, settle
from benchmarks.listing import recordings_of
from benchmarks.varying import vary
from toastclub.testing.server import run, serving
from toastclub.testing.services import postgres

SESSIONS = 100_000
SOME = SESSIONS // 2 + 2  # the number of a session, and of the rows that belong to one
ROUNDS = 9
ROUNDS_OF_MANY = 3  # of each of the ways in which a list can be narrowed and ordered
WARM_ROUNDS = 4  # for both of the server's processes
SECONDS_LIMIT = 0.3
FIGURES_SECONDS_LIMIT = 1
QUERIES_LIMIT = 9
ANALYST = {"email": "analista@toastclub.com", "password": "analista123"}
NOBODY = "nadie-lo-dijo"


@dataclass(frozen=True)
class Look:
    """A page as somebody asks for it; with `form`, by a POST of those fields."""

    name: str
    path: str
    seconds: float = SECONDS_LIMIT
    form: dict[str, str] | None = None


@dataclass(frozen=True)
class Lists:
    """A list, and words that are sought in it."""

    name: str
    path: str
    words: tuple[str, ...] = ()

    def queries(self, page: str) -> Iterator[str]:
        """All ways in which it can be asked for otherwise than it comes."""
        yield "p=2"
        yield from offered_by(page)
        for word in (*self.words, NOBODY):
            yield urlencode({"q": word})


LOOKS = [
    Look("today", ""),
    Look("today's board", "hoy/tablero/"),
    Look("figures", "cifras/", FIGURES_SECONDS_LIMIT),
    Look("figures of all days", "cifras/?desde=&hasta=", FIGURES_SECONDS_LIMIT),
    Look("a session", f"sessions_app/session/{SOME}/change/"),
    Look("a session, followed", f"sessions_app/session/{SOME}/live/"),
    Look("a new session", "sessions_app/session/add/"),
    Look("the review desk", f"recordings/recording/{SOME}/change/"),
    Look("a survey", f"surveys/survey/{SOME}/change/"),
    Look("a survey's form", f"surveys/survey/answer/{SESSIONS}/"),
    Look("a text", "training/text/20251225202648_0001/change/"),
    Look("a participant", f"sessions_app/participant/{SOME}/change/"),
    Look("a person found", "personas/", form={"q": "Ñahui 120"}),
    Look("a person's data", f"personas/datos/?sesion={SOME}"),
    Look("a person to erase", f"personas/borrar/?sesion={SOME}"),
    Look("an export of all", "dataset/export/"),
    Look("an export of recordings", "dataset/export/recording/"),
]
LISTS = [
    Lists("sessions", "sessions_app/session/", ("Ñahui", "b00050000")),
    Lists("state changes", "sessions_app/sessionevent/", ("b00050000",)),
    Lists("recordings", "recordings/recording/", ("Ñahui", "b00050000")),
    Lists("reviews", "recordings/recordingreview/", ("b00050000",)),
    Lists("parts of uploads", "recordings/resumableupload/"),
    Lists("surveys", "surveys/survey/", ("Ñahui", "temblaba")),
    Lists("texts", "training/text/", ("Embudo",)),
    Lists("releases", "dataset/release/"),
    Lists("erasures", "dataset/erasure/"),
    Lists("participants", "sessions_app/participant/", ("Ñahui", "b00050000")),
    Lists("accounts", "accounts/user/", ("analista",)),
    Lists("log of accesses", "accounts/accessrecord/", ("analista3",)),
]


def measure() -> list[Figure]:
    print(f"\nPages among {SESSIONS} sessions: medians of {ROUNDS}", flush=True)
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
            browser = Browser(f"{server.address}/admin/")
            browser.log_in()
            return [*_looks(browser), *_lists(browser)]


class Browser(requests.Session):
    """One in which an analyst works; its addresses begin below the admin's."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.trust_env = False
        self.address = address

    def log_in(self) -> None:
        fields = {"username": ANALYST["email"], "password": ANALYST["password"]}
        self.post_form("login/", fields, expected=302)

    def post_form(
        self, path: str, fields: dict[str, str], expected: int = 200
    ) -> requests.Response:
        url = f"{self.address}{path}"
        if "csrftoken" not in self.cookies:
            self.get(url)
        token = {"csrfmiddlewaretoken": self.cookies["csrftoken"]}
        answer = self.post(
            url, {**fields, **token}, headers={"Referer": url}, allow_redirects=False
        )
        return _checked(answer, expected)

    def page(self, look: Look) -> requests.Response:
        if look.form is not None:
            return self.post_form(look.path, look.form)
        return _checked(self.get(f"{self.address}{look.path}", allow_redirects=False))


def _checked(answer: requests.Response, expected: int = 200) -> requests.Response:
    if answer.status_code != expected:
        raise RuntimeError(f"{answer.request.method} {answer.url}: {answer.status_code}")
    return answer


@dataclass(frozen=True)
class Measured:
    seconds: float
    queries: int
    page: str

    def figures(self, name: str, limit: float = SECONDS_LIMIT) -> list[Figure]:
        return reported(
            Figure(f"pages: {name}", self.seconds, limit, "s"),
            Figure(f"pages: {name}, queries", self.queries, QUERIES_LIMIT),
        )


def _looks(browser: Browser) -> Iterator[Figure]:
    for look in LOOKS:
        yield from _measured(browser, look).figures(look.name, look.seconds)


def _lists(browser: Browser) -> Iterator[Figure]:
    for each in LISTS:
        plain = _measured(browser, Look(each.name, each.path))
        yield from plain.figures(each.name)
        others = {
            query: _measured(browser, Look(each.name, f"{each.path}?{query}"), ROUNDS_OF_MANY)
            for query in each.queries(plain.page)
        }
        slowest = max(others, key=lambda query: others[query].seconds)
        print(f"{each.name}: {len(others)} ways to narrow and order, the slowest is ?{slowest}")
        yield from others[slowest].figures(f"{each.name}, the slowest way")


def _measured(browser: Browser, look: Look, rounds: int = ROUNDS) -> Measured:
    timed = [_timed(browser, look) for _round in range(WARM_ROUNDS + rounds)][WARM_ROUNDS:]
    return Measured(
        statistics.median(one.seconds for one in timed),
        max(one.queries for one in timed),
        timed[-1].page,
    )


def _timed(browser: Browser, look: Look) -> Measured:
    start = time.perf_counter()
    answer = browser.page(look)
    seconds = time.perf_counter() - start
    return Measured(seconds, int(answer.headers[HEADER]), answer.text)

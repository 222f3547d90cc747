"""The project as its users meet it: gunicorn, PostgreSQL and SeaweedFS, over real HTTP."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
import requests
from psycopg import sql

from toastclub.environment import BASE_DIR
from toastclub.testing.services import ObjectStore, gunicorn, manage, postgres

WEB_CLIENT = "https://panel.example.org"
SUPERUSER = {"email": "direccion@example.org", "password": "clave-de-la-direccion-7"}
TEXTS = BASE_DIR / "fixtures" / "training_texts.json"
TIMEOUT = 60  # seconds

_PREPARED: dict[str, str] = {}  # by server


class Client(requests.Session):
    """A client behind the proxy that ends TLS; `path` is the API's, from /api/v1 on."""

    def __init__(self, address: str, **headers: str) -> None:
        super().__init__()
        self.address = address
        self.trust_env = False
        self.headers.update({"X-Forwarded-Proto": "https", **headers})

    def request(  # type: ignore[override]  # every option of requests goes through
        self, method: str, path: str, **options: Any
    ) -> requests.Response:
        options = {"timeout": TIMEOUT, "allow_redirects": False, **options}
        answer = super().request(method, f"{self.address}/api/v1{path}", **options)
        for cookie in self.cookies:
            cookie.secure = False  # to the client all is HTTPS, and such cookies go back
        return answer


@dataclass(frozen=True)
class Server:
    address: str
    environment: dict[str, str]
    log_file: Path
    clients: list[Client] = field(default_factory=list)

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def client(self, **headers: str) -> Client:
        self.clients.append(Client(self.address, **headers))
        return self.clients[-1]

    def logged_in(self, email: str, password: str) -> Client:
        """A client that carries the token of that account."""
        client = self.client()
        answer = client.post("/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def administrator(self) -> Client:
        return self.logged_in(**SUPERUSER)

    def new_account(self, role: str) -> Client:
        """A client that carries the token of a new account of that role."""
        account = {
            "email": f"{secrets.token_hex(4)}@example.org",
            "name": "Persona de prueba",
            "role": role,
            "password": secrets.token_urlsafe(12),
        }
        created = self.administrator().post("/users", json=account)
        assert created.status_code == 201, created.text
        return self.logged_in(account["email"], account["password"])


@contextlib.contextmanager
def production(
    store: ObjectStore, folder: Path, *options: str, **variables: str
) -> Iterator[Server]:
    """A server in production mode with a database of its own, the texts and a superuser."""
    environment = {
        "TOASTCLUB_ENV": "production",
        "TOASTCLUB_DATA_DIR": str(folder / "var"),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1",
        "CORS_ORIGINS": WEB_CLIENT,
        **store.environment,
        **variables,
    }
    with _postgres() as server:
        template = _prepared(server, environment)
        with _database(server, template) as url:
            environment["DATABASE_URL"] = url
            with serving(environment, folder / "gunicorn.log", *options) as served:
                yield served


def _prepared(server: str, environment: dict[str, str]) -> str:
    """The name of a database with the texts and a superuser, to be copied.

    It is prepared once for each process: that takes longer than most tests.
    """
    if server not in _PREPARED:
        name = _new_name()
        _execute(server, "CREATE DATABASE {}", name)
        _prepare({**environment, "DATABASE_URL": _url(server, name)})
        _PREPARED[server] = name
    return _PREPARED[server]


def _prepare(environment: dict[str, str]) -> None:
    run(environment, "migrate", "--verbosity=0")
    run(environment, "import_texts", str(TEXTS), "--reflow")
    run(
        {**environment, "DJANGO_SUPERUSER_PASSWORD": SUPERUSER["password"]},
        "createsuperuser",
        "--noinput",
        f"--email={SUPERUSER['email']}",
        "--name=Dirección",
    )


@contextlib.contextmanager
def serving(environment: dict[str, str], log_file: Path, *options: str) -> Iterator[Server]:
    """A server with that environment alone, on the data that are there."""
    with (
        log_file.open("w+b") as log,
        gunicorn(environment, *options, log=log) as address,
    ):
        server = Server(address, environment, log_file)
        yield server
        for client in server.clients:
            client.close()  # the server would wait for what they still might ask


def run(environment: dict[str, str], *arguments: str) -> str:
    """What a management command prints; it must succeed."""
    done = manage(environment, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.contextmanager
def _postgres() -> Iterator[str]:
    """The URL of the suite's PostgreSQL where there is one, else of a new one."""
    server = os.environ.get("DATABASE_URL", "")
    if server.startswith("postgresql:"):
        yield server
    else:
        with postgres() as server:
            yield server


@contextlib.contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    """The URL of a copy of that database."""
    name = _new_name()
    _execute(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield _url(server, name)
    finally:
        _execute(server, "DROP DATABASE {} WITH (FORCE)", name)


def _new_name() -> str:
    return f"toastclub_{secrets.token_hex(6)}"


def _url(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()


def _execute(server: str, statement: LiteralString, *databases: str) -> None:
    names = map(sql.Identifier, databases)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*names))

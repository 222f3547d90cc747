"""Fixtures that the tests of all apps share."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.loaders import JSONFileLoader
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from moto import mock_aws
from playwright.sync_api import Browser, BrowserContext, ViewportSize
from rest_framework.test import APIClient

from accounts.services import issue_token
from accounts.tests.factories import AnalystFactory, FacilitatorFactory
from toastclub.testing.browser import DESKTOP, Desk, chromium, served
from toastclub.testing.services import ObjectStore, seaweedfs

SAMPLES = Path(__file__).parent / "recordings" / "tests" / "samples"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Argon2 is slow on purpose; tests of the hashes put it back."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]


@pytest.fixture(autouse=True)
def _static_files_when_asked_for(settings: Any) -> None:
    """Else every client that a test makes would begin by looking through all of them."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def _descriptions_of_s3_read_once() -> Iterator[None]:
    """Else every store that a test makes would begin by reading megabytes of JSON."""
    read = cache(JSONFileLoader().load_file)
    with patch.object(JSONFileLoader, "load_file", lambda _loader, path: read(path)):
        yield


@pytest.fixture(autouse=True)
def _own_audio_folder(settings: Any, tmp_path: Path) -> None:
    """Each test's recordings lie on a disk of its own, unless it asks for another store."""
    location = tmp_path / "audio"
    location.mkdir()
    use_store(settings, "recordings.disk.SignedFileSystemStorage", {"location": location})


def use_store(settings: Any, backend: str, options: dict[str, Any]) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": backend, "OPTIONS": options},
    }


def use_r2(settings: Any, store: ObjectStore) -> None:
    """The storage of production with its options, against that store."""
    production = settings.R2_STORE
    keys = {
        "bucket_name": store.bucket,
        "endpoint_url": store.endpoint_url,
        "access_key": store.access_key,
        "secret_key": store.secret_key,
        "region_name": store.region,
    }
    use_store(settings, production["BACKEND"], {**production["OPTIONS"], **keys})


@pytest.fixture(scope="session")
def seaweed() -> Iterator[ObjectStore]:
    with seaweedfs() as store:
        yield store


def empty(storage: Any) -> None:
    """Removes what other tests have left in a store that they share."""
    for prefix in ("recordings/", "uploads/", "releases/"):
        for key in list(storage.keys(prefix)):
            storage.delete(key)
        for parts in list(storage.unfinished_parts(prefix)):
            storage.discard_parts(parts.key, parts.parts_id)


@pytest.fixture(
    params=[
        "disk",
        pytest.param("moto", marks=pytest.mark.one_database),
        pytest.param("seaweedfs", marks=pytest.mark.one_database),
    ]
)
def any_store(request: pytest.FixtureRequest, settings: Any) -> Iterator[Any]:
    """The test runs on local disk, with either database, on moto and on a real S3 store."""
    if request.param == "moto":
        with mock_aws():
            store = ObjectStore(endpoint_url="https://s3.amazonaws.com", region="us-east-1")
            store.client().create_bucket(Bucket=store.bucket)
            use_r2(settings, store)
            yield default_storage
    elif request.param == "seaweedfs":
        use_r2(settings, request.getfixturevalue("seaweed"))
        empty(default_storage)
        yield default_storage
    else:
        yield default_storage


@pytest.fixture
def nobody() -> APIClient:
    return APIClient()


@pytest.fixture
def client_of() -> Callable[[Any], APIClient]:
    """A client that carries a token of that user."""

    def make(user: Any) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user).token}")
        return client

    return make


@pytest.fixture
def headset_of() -> Callable[[Any], APIClient]:
    """A client that carries that session's code in the header."""

    def make(session: Any) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_X_SESSION_CODE=session.session_code)
        return client

    return make


@pytest.fixture
def facilitator(db: None) -> Any:
    return FacilitatorFactory()


@pytest.fixture
def analyst(db: None) -> Any:
    return AnalystFactory()


@pytest.fixture
def as_facilitator(client_of: Callable[[Any], APIClient], facilitator: Any) -> APIClient:
    return client_of(facilitator)


@pytest.fixture
def as_analyst(client_of: Callable[[Any], APIClient], analyst: Any) -> APIClient:
    return client_of(analyst)


@pytest.fixture
def browser_of(client: Client) -> Callable[[Any], Client]:
    """A browser in which that user is logged in."""

    def make(user: Any) -> Client:
        client.force_login(user, backend="accounts.backends.RoleBackend")
        return client

    return make


@pytest.fixture(scope="module")
def real_browser() -> Iterator[Browser]:
    """Closed before other tests come: the event loop that it keeps would change how they run."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def window(real_browser: Browser) -> BrowserContext:
    """Where all desks of a module are, one after the other: a new one takes much longer."""
    context = real_browser.new_context(locale="es-PE")
    context.new_page()  # stays open, and Chromium's process for pages with it
    return context


@pytest.fixture
def address(transactional_db: None) -> Iterator[str]:
    """Where the project is served on the test's own database, store and settings."""
    with served() as address:
        yield address


@pytest.fixture
def desk_of(
    window: BrowserContext, address: str, settings: Any, client: Client
) -> Iterator[Callable[..., Desk]]:
    """A page of Chromium in which that user, or nobody yet, is logged in; one at a time.

    The test fails when anything went wrong in it. The next one finds nothing of it: cookies are
    removed, and what pages keep is kept by the address, which is another for each test.
    """
    desks: list[Desk] = []

    def make(
        user: Any = None, *, hosts: Iterable[str] = (), viewport: ViewportSize = DESKTOP
    ) -> Desk:
        assert not desks, "there is one desk in a test"
        desks.append(Desk(window, address, list(hosts)))
        desks[0].page.set_viewport_size(viewport)
        if user is not None:
            client.force_login(user, backend="accounts.backends.RoleBackend")
            name = settings.SESSION_COOKIE_NAME
            desks[0].enter(client.cookies[name].value, name)
        return desks[0]

    yield make
    for desk in desks:
        desk.leave()
        desk.assert_no_faults()


@pytest.fixture
def failing_database() -> Callable[[Exception], AbstractContextManager[None]]:
    """While it is open, every statement raises that error."""

    def make(error: Exception) -> AbstractContextManager[None]:
        def refuse(*_statement: Any) -> None:
            raise error

        return connection.execute_wrapper(refuse)

    return make


@pytest.fixture
def spoken_wav() -> bytes:
    """Eight seconds of speech: WAV, PCM, 16 bit, 16 kHz, mono."""
    return (SAMPLES / "discurso.wav").read_bytes()

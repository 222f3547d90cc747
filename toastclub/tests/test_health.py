import socket
import time

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

READY = "/health/ready"


def connect_to(monkeypatch, **elsewhere):
    """Has new connections go there; the one that is open stays."""
    for name, value in elsewhere.items():
        monkeypatch.setitem(connection.settings_dict, name, value)


@pytest.fixture
def without_database(monkeypatch, tmp_path):
    """Has new connections go to where no database is."""
    elsewhere = {"HOST": "127.0.0.1", "PORT": "1"}
    if connection.vendor == "sqlite":
        elsewhere = {"NAME": tmp_path / "no such folder" / "toastclub.sqlite3"}
    connect_to(monkeypatch, **elsewhere)


def use_r2_at(settings, endpoint_url):
    """The storage of production, with a store at that address."""
    keys = dict.fromkeys(("access_key", "secret_key", "bucket_name", "region_name"), "auto")
    options = {**settings.R2_STORE["OPTIONS"], **keys, "endpoint_url": endpoint_url}
    store = {"BACKEND": settings.R2_STORE["BACKEND"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": store}


def without_disk(settings):
    """The folder of recordings is not there, as if its disk had not come up."""
    settings.STORAGES["default"]["OPTIONS"]["location"].rmdir()


def without_r2(settings):
    use_r2_at(settings, "http://127.0.0.1:1")


def test_health_answers(client):
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_health_answers_while_all_else_is_down(client, without_database, settings):
    without_disk(settings)

    assert client.get("/health").status_code == 200


def test_health_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/health")


def test_ready_checks_database_and_any_store(client, any_store):
    answer = client.get(READY)

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": True, "store": True}


def test_without_the_database_ready_says_so(client, without_database):
    answer = client.get(READY)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["detail"] == "No responde: database"
    assert (answer.json()["database"], answer.json()["store"]) == (False, True)


@pytest.mark.parametrize("take_away", [without_disk, without_r2])
def test_without_the_store_ready_says_so(client, settings, take_away):
    take_away(settings)

    answer = client.get(READY)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["detail"] == "No responde: store"
    assert (answer.json()["database"], answer.json()["store"]) == (True, False)


def test_with_both_down_ready_names_both(client, without_database, settings):
    without_disk(settings)

    answer = client.get(READY)

    assert answer.json()["detail"] == "No responde: database, store"


@pytest.mark.one_database
def test_a_database_that_hangs_is_given_up_soon(client, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        connect_to(monkeypatch, HOST="127.0.0.1", PORT=str(mute.getsockname()[1]))
        answer = client.get(READY)

    assert answer.json()["database"] is False


def test_a_bucket_that_is_not_there_is_a_store_that_is_down(client, settings, seaweed):
    use_r2_at(settings, seaweed.endpoint_url)

    assert client.get(READY).json()["store"] is False


def test_a_store_that_hangs_is_given_up_soon(client, settings, monkeypatch):
    monkeypatch.setattr("recordings.storages.READINESS_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        use_r2_at(settings, f"http://127.0.0.1:{mute.getsockname()[1]}")
        started = time.monotonic()
        answer = client.get(READY)

    assert answer.json()["store"] is False
    assert time.monotonic() - started < settings.R2_CLIENT_CONFIG.read_timeout

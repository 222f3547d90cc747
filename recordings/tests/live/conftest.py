"""One scene for all tests here, with a session of its own for each."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from recordings.tests.live.scene import TEXT_ID, Scene
from toastclub.testing.proxy import FaultyProxy
from toastclub.testing.server import production


@pytest.fixture(scope="session")
def scene(seaweed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crashes")
    address = urlsplit(seaweed.endpoint_url)
    store = replace(seaweed, bucket="crashes")
    store.make_bucket()
    with FaultyProxy(address.hostname, address.port) as proxy:
        behind = replace(store, endpoint_url=proxy.address)
        with production(behind, folder, "--pid", str(folder / "pid")) as server:
            yield Scene(server, proxy, store, folder)


@pytest.fixture(autouse=True)
def _passing_proxy(scene):
    yield
    scene.proxy.pass_on()


@pytest.fixture(scope="session")
def facilitator(scene):
    return scene.server.new_account("IMPULSADOR")


@pytest.fixture
def session(facilitator):
    body = {"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": TEXT_ID}
    created = facilitator.post("/sessions", json=body).json()
    for estado in ("ready_to_start", "running"):
        facilitator.patch(f"/sessions/{created['id']}/state", json={"new_state": estado})
    return created


@pytest.fixture
def headset(scene, session):
    return scene.server.client(**{"X-Session-Code": session["session_code"]})


@pytest.fixture
def voice(spoken_wav):
    """Larger than what is read of an upload at once."""
    return spoken_wav + bytes(1024 * 1024)

"""One scene for all tests here, with a session of its own for each."""

from dataclasses import replace

import pytest

from recordings.tests.live.scene import TEXT_ID, new_scene


@pytest.fixture(scope="session")
def scene(seaweed, tmp_path_factory):
    with new_scene(replace(seaweed, bucket="crashes"), tmp_path_factory.mktemp("crashes")) as made:
        yield made


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

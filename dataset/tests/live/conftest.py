"""One server, store and proxy for all tests here, with three recordings of some megabytes."""

from dataclasses import replace

import pytest

from recordings.tests.live.scene import TEXT_ID, new_scene, send

VOICE_BYTES = 5_000_000
VOICES = 3


@pytest.fixture(scope="session")
def scene(seaweed, tmp_path_factory):
    with new_scene(replace(seaweed, bucket="exports"), tmp_path_factory.mktemp("exports")) as made:
        staff = made.server.new_account("IMPULSADOR")
        for number in range(VOICES):
            body = {"datos_participante": {"nombre": "Ana"}, "texto_seleccionado_id": TEXT_ID}
            session = staff.post("/sessions", json=body).json()
            voice = b"ID3" + bytes([number]) * VOICE_BYTES
            assert send(staff, session, voice).status_code == 201
        yield made


@pytest.fixture(autouse=True)
def _passing_proxy(scene):
    yield
    scene.proxy.pass_on()


@pytest.fixture(scope="session")
def analyst(scene):
    return scene.server.new_account("ANALISTA")

"""Building blocks of jobs in the browser: takes that can be heard, wherever they are stored."""

import pytest
from django.core.files import File
from django.core.files.storage import default_storage

from conftest import empty, use_r2
from recordings.receiving import checksums_of
from recordings.services import store_recording
from sessions_app.actors import SYSTEM
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory


@pytest.fixture(params=["disk", "seaweedfs"])
def hosts(request, settings):
    """The hosts that audio comes from, besides the server: on local disk none."""
    if request.param == "disk":
        return []
    store = request.getfixturevalue("seaweed")
    use_r2(settings, store)
    empty(default_storage)
    return [store.endpoint_url]


@pytest.fixture
def take_of(tmp_path):
    """A recording as an upload leaves it, of a new session or of the one that is given."""

    def make(content, session=None):
        path = tmp_path / "voz.wav"
        path.write_bytes(content)
        session = session or SessionFactory(estado=Estado.RUNNING)
        with path.open("rb") as file:
            recording, _is_new = store_recording(
                session,
                path,
                checksums_of([content]),
                content_type="audio/wav",
                place=lambda pending: pending.put(File(file)),
                by=SYSTEM,
            )
        return recording

    return make

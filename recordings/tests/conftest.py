"""Fixtures of the tests of recordings: a running session, and the ways to disturb an upload."""

from datetime import timedelta

import pytest

from recordings import reconciliation
from recordings.models import Recording
from sessions_app.choices import Estado
from sessions_app.tests.factories import SessionFactory


@pytest.fixture
def session():
    return SessionFactory(estado=Estado.RUNNING)


@pytest.fixture
def headset(headset_of, session):
    return headset_of(session)


@pytest.fixture
def upload_folder(settings, tmp_path):
    """This test's own folder for uploads that are being received."""
    assert settings.FILE_UPLOAD_TEMP_DIR == settings.UPLOAD_DIR
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.UPLOAD_DIR = settings.FILE_UPLOAD_TEMP_DIR = folder
    return folder


@pytest.fixture
def during_put(monkeypatch):
    """Has something happen once, while the bytes of an upload are on their way to the store."""

    def arrange(happening):
        put = Recording.put

        def interrupted(recording, file):
            monkeypatch.setattr(Recording, "put", put)
            happening()
            put(recording, file)

        monkeypatch.setattr(Recording, "put", interrupted)

    return arrange


@pytest.fixture
def any_age(monkeypatch):
    """Has parts count as old however young they are."""
    monkeypatch.setattr(reconciliation, "UPLOAD_LIFETIME", timedelta(0))

"""The addresses that local disk signs for the parts of an upload."""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from rest_framework.test import APIClient

from recordings import disk
from recordings.tests.calls import stored_keys
from recordings.tests.parts import (
    PART_SIZE,
    VOICE,
    begin,
    call,
    put,
)

pytestmark = pytest.mark.django_db


def test_a_part_that_breaks_off_is_not_stored(headset, session):
    upload = begin(headset, session).json()
    url = upload["parts"][1]["url"]

    answer = APIClient().put(
        url,
        content_type="audio/wav",
        CONTENT_LENGTH=str(len(VOICE) - PART_SIZE),
        **{"wsgi.input": io.BytesIO(VOICE[:100])},
    )

    assert answer.status_code == 400
    assert call(headset, session, upload).json()["arrived"] == []
    assert not [key for key in stored_keys() if key.startswith("incoming")]


def test_a_part_needs_a_length(headset, session):
    url = begin(headset, session).json()["parts"][0]["url"]

    answer = APIClient().put(url, b"x", HTTP_TRANSFER_ENCODING="chunked")

    assert answer.status_code == 411


def test_a_part_longer_than_any_upload_is_refused(settings, headset, session):
    url = begin(headset, session).json()["parts"][0]["url"]
    settings.MAX_AUDIO_SIZE = 10
    settings.MAX_MULTIPART_OVERHEAD = 0

    assert put(url, b"12345678901") == 413


def test_the_address_of_a_part_dies_when_its_time_is_over(headset, session, monkeypatch):
    url = begin(headset, session).json()["parts"][0]["url"]
    later = disk.time.time() + timedelta(hours=1).total_seconds() + 1
    monkeypatch.setattr(disk, "time", SimpleNamespace(time=lambda: later))

    assert put(url, VOICE[:PART_SIZE]) == 403


def test_the_address_of_a_part_reads_nothing(headset, session):
    url = begin(headset, session).json()["parts"][0]["url"]

    assert APIClient().get(url).status_code == 403


def test_a_forged_address_takes_nothing(headset, session):
    url = begin(headset, session).json()["parts"][0]["url"]

    assert put(url[:-1] + ("A" if url[-1] != "A" else "B"), VOICE[:PART_SIZE]) == 403

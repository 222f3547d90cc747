"""Hearing a recording in the back office."""

import pytest
from django.test import Client

from accounts.choices import AccessKind
from accounts.models import AccessRecord
from recordings.tests.desk import (
    SCRIPT,
    opened,
    page_of,
    text_of,
)
from recordings.tests.factories import RecordingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(browser_of, analyst):
    return browser_of(analyst)


@pytest.fixture
def recording():
    return RecordingFactory()


def play(browser, recording):
    return browser.post(page_of(recording, "play"), **SCRIPT)


def test_playing_gives_an_address_and_is_noted_once(browser, client, recording, analyst):
    url = play(browser, recording).json()["url"]

    heard = Client()
    for headers in ({}, {"HTTP_RANGE": "bytes=0-3"}, {"HTTP_RANGE": "bytes=4-"}):
        assert heard.get(url, **headers).status_code in (200, 206)
    access = AccessRecord.objects.get()
    assert (access.kind, access.who) == (AccessKind.PLAY, analyst.email)
    assert (access.session_number, access.recording_number) == (recording.session_id, recording.pk)


def test_the_address_serves_the_sound_with_its_own_type(browser, session):
    recording = RecordingFactory(
        content=b"a voice", session=session, audio="recordings/x.opus", formato="audio/ogg"
    )

    answer = Client().get(play(browser, recording).json()["url"])

    assert answer["Content-Type"] == "audio/ogg"
    assert b"".join(answer) == b"a voice"


def test_a_store_s_own_address_plays_too(any_store, browser):
    recording = RecordingFactory(content=b"a voice")

    assert play(browser, recording).json()["url"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sha256": None}, "se registró sin audio"),
        ({"content": None}, "ya no está en el almacén"),
        ({"storage_fault": "missing"}, "ya no está en el almacén"),
    ],
)
def test_what_is_not_there_is_not_played_and_says_so(browser, fields, words):
    answer = play(browser, RecordingFactory(**fields))

    assert answer.status_code == 404
    assert words in answer.json()["detail"]
    assert not AccessRecord.objects.exists()


def test_a_store_that_is_down_says_so(browser, recording, settings, tmp_path):
    (tmp_path / "audio").rename(tmp_path / "elsewhere")

    answer = play(browser, recording)

    assert answer.status_code == 503
    assert "no está disponible" in answer.json()["detail"]


def test_a_download_is_an_address_that_is_noted(browser, recording):
    answer = browser.post(page_of(recording, "download"))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/files/")
    assert AccessRecord.objects.get().kind == AccessKind.URL


def test_what_is_not_there_is_not_downloaded_and_says_so(browser):
    recording = RecordingFactory(content=None)

    answer = browser.post(page_of(recording, "download"))

    assert answer["Location"] == page_of(recording)
    assert "ya no está" in text_of(opened(browser, answer["Location"]))

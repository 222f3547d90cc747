"""Processes that are killed, a store and a database that go away: in the middle of uploads.

Whatever happens, after a restart and a reconciliation there is one whole recording or none, and
the headset that sends it again is heard.
"""

import contextlib
import hashlib
import os
import signal

import pytest
import requests

from recordings.tests.live.scene import (
    WAIT_SECONDS,
    assert_heard_when_sent_again,
    assert_whole_or_none,
    in_background,
    send,
    sent_in_parts,
    until,
)
from toastclub.testing.server import serving

pytestmark = pytest.mark.one_database


def middle_of_the_body(scene, headset, session, voice):
    def half():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="voz.wav"\r\n\r\n'
        yield voice[: len(voice) // 2]
        until(lambda: scene.files() != [])
        scene.kill()

    with contextlib.suppress(requests.RequestException):
        headset.post(
            f"/sessions/{session['id']}/upload",
            data=half(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )


def before_the_row_is_written(scene, headset, session, voice):
    with scene.locking(session), in_background(send, headset, session, voice):
        until(scene.somebody_waits_for_a_lock)
        scene.kill()


def on_the_way_to_the_store(scene, headset, session, voice):
    scene.proxy.hang()
    with in_background(send, headset, session, voice):
        until(lambda: scene.is_pending(session))
        scene.kill()
        scene.proxy.pass_on()


def when_the_store_has_it_and_has_not_said_so(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    with in_background(send, headset, session, voice):
        until(lambda: scene.keys(session))
        scene.kill()
        scene.proxy.pass_on()


def before_the_row_is_settled(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    with in_background(send, headset, session, voice):
        until(lambda: scene.keys(session))
        with scene.locking(session):
            scene.proxy.pass_on()
            until(scene.somebody_waits_for_a_lock)
            scene.kill()


def as_soon_as_the_row_is_settled(scene, headset, session, voice):
    with in_background(send, headset, session, voice):
        until(lambda: scene.is_settled(session))
        scene.kill()


@pytest.mark.parametrize(
    "kill",
    [
        middle_of_the_body,
        before_the_row_is_written,
        on_the_way_to_the_store,
        when_the_store_has_it_and_has_not_said_so,
        before_the_row_is_settled,
        as_soon_as_the_row_is_settled,
    ],
    ids=lambda kill: kill.__name__.replace("_", " "),
)
def test_a_killed_upload_leaves_one_whole_recording_or_none(scene, headset, session, voice, kill):
    kill(scene, headset, session, voice)

    scene.reconcile()

    assert_whole_or_none(scene, session, voice)
    assert scene.files() == []
    assert_heard_when_sent_again(scene, headset, session, voice)
    assert "Nada que conciliar" in scene.reconcile()


def when_the_parts_are_joined(scene, headset, session, upload):
    with scene.locking(session), in_background(headset.post, f"{upload}/complete"):
        until(scene.somebody_waits_for_a_lock)
        scene.kill()


def before_the_joined_parts_are_copied(scene, headset, session, upload):
    with in_background(headset.post, f"{upload}/complete"):
        with scene.locking(session):
            until(scene.somebody_waits_for_a_lock)
            scene.proxy.hang()
        until(lambda: scene.is_pending(session))
        scene.kill()
        scene.proxy.pass_on()


def when_the_copy_is_made_and_nobody_has_said_so(scene, headset, session, upload):
    with in_background(headset.post, f"{upload}/complete"):
        with scene.locking(session):
            until(scene.somebody_waits_for_a_lock)
            scene.proxy.withhold_answers()
        until(lambda: scene.keys(session))
        scene.kill()
        scene.proxy.pass_on()


def as_soon_as_the_copy_is_settled(scene, headset, session, upload):
    with in_background(headset.post, f"{upload}/complete"):
        until(lambda: scene.is_settled(session))
        scene.kill()


@pytest.mark.parametrize(
    "kill",
    [
        when_the_parts_are_joined,
        before_the_joined_parts_are_copied,
        when_the_copy_is_made_and_nobody_has_said_so,
        as_soon_as_the_copy_is_settled,
    ],
    ids=lambda kill: kill.__name__.replace("_", " "),
)
def test_a_killed_completion_leaves_one_whole_recording(scene, headset, session, voice, kill):
    upload = sent_in_parts(headset, session, voice)
    kill(scene, headset, session, upload)

    scene.reconcile()

    assert_whole_or_none(scene, session, voice)
    assert scene.is_settled(session)
    assert scene.joined_parts(session) == scene.files() == []
    assert headset.post(f"{upload}/complete").status_code == 200
    assert_heard_when_sent_again(scene, headset, session, voice)
    assert "Nada que conciliar" in scene.reconcile()


def test_an_upload_finishes_although_the_server_is_told_to_stop(scene, session, voice, tmp_path):
    pid = tmp_path / "pid"
    options = ("--pid", str(pid))
    with serving(scene.server.environment, tmp_path / "log", *options) as server:

        def form():
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="voz.wav"\r\n\r\n'
            yield voice[:600_000]
            until(lambda: scene.files() != [])
            os.kill(int(pid.read_text()), signal.SIGTERM)
            until(lambda: is_refused(server))
            yield voice[600_000:]
            yield b"\r\n--b--\r\n"

        answer = server.client(**{"X-Session-Code": session["session_code"]}).post(
            f"/sessions/{session['id']}/upload",
            data=form(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )

    assert answer.status_code == 201
    assert answer.json()["sha256"] == hashlib.sha256(voice).hexdigest()


def is_refused(server):
    """Whether the server takes no new connection any more."""
    try:
        requests.get(f"{server.address}/health", timeout=WAIT_SECONDS)
    except requests.ConnectionError:
        return True
    return False

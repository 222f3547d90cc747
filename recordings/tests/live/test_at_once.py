"""What several processes do at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from recordings.tests.live.scene import (
    assert_heard_when_sent_again,
    send,
)

pytestmark = pytest.mark.one_database


def test_twenty_identical_uploads_at_once_are_one_recording(scene, headset, session, voice):
    with ThreadPoolExecutor(20) as headsets:
        answers = list(
            headsets.map(
                lambda client: send(client, session, voice),
                [scene.server.client(**headset.headers) for _number in range(20)],
            )
        )

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_two_reconciliations_at_once_do_each_thing_once(scene, headset, session, voice):
    client = scene.store.client()
    for number in range(12):
        key = f"recordings/session_{session['id']}/{number:08x}-6f0c-4b44-9a39-0f6d0c3a5b1e.wav"
        client.put_object(Bucket=scene.store.bucket, Key=key, Body=voice + bytes([number]))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _number: scene.reconcile(), range(2)))

    scene.reconcile()
    rows = scene.rows(session)
    assert sorted(key for key, _sha256, _uploaded_at in rows) == scene.keys(session)
    assert len(rows) == 12
    assert not scene.is_pending(session)
    assert "Nada que conciliar" in scene.reconcile()

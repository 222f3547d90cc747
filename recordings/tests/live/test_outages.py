"""A store and a database that go away in the middle of uploads."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest

from recordings.tests.live.scene import (
    ANSWER_SECONDS,
    assert_heard_when_sent_again,
    send,
    sent_in_parts,
    until,
)
from recordings.tests.parts import long_voice

pytestmark = pytest.mark.one_database


def refuses(proxy):
    proxy.refuse()


def hangs(proxy):
    proxy.hang()


def withholds_its_answer(proxy):
    proxy.withhold_answers()


def is_slow(proxy):
    proxy.slow_down(bytes_a_second=20_000)


def says_403(proxy):
    proxy.answer(status=403)


def says_500(proxy):
    proxy.answer(status=500)


def has_lost_its_bucket(proxy):
    proxy.answer(status=404)


def answers_slowly(proxy):
    proxy.slow_answers_down(bytes_a_second=20_000)


def answers_in_drops(proxy):
    proxy.slow_answers_down(bytes_a_second=250)  # seconds for each of its answers


FAULTS = [refuses, hangs, withholds_its_answer, says_403, says_500, has_lost_its_bucket]


def faults(*kinds):
    names = [kind.__name__.replace("_", " ") for kind in kinds]
    return pytest.mark.parametrize("fault", kinds, ids=names)


@faults(*FAULTS, is_slow)
def test_a_store_out_of_order_is_told_in_time_and_the_next_attempt_is_stored(
    scene, headset, session, voice, fault
):
    fault(scene.proxy)

    answer = send(headset, session, voice, timeout=ANSWER_SECONDS)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert scene.rows(session) == []
    assert headset.get(f"/sessions/{session['id']}").json()["estado"] == "running"
    scene.proxy.pass_on()
    scene.reconcile()  # the store may have taken what it said nothing of
    assert_heard_when_sent_again(scene, headset, session, voice)


@faults(*FAULTS, answers_slowly, answers_in_drops)
def test_a_completion_while_the_store_is_out_of_order_is_told_in_time_and_can_be_repeated(
    scene, headset, session, voice, fault
):
    upload = sent_in_parts(headset, session, voice)
    fault(scene.proxy)

    answer = headset.post(f"{upload}/complete", timeout=ANSWER_SECONDS)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert scene.rows(session) == []
    assert headset.get(f"/sessions/{session['id']}").json()["estado"] == "running"
    scene.proxy.pass_on()
    assert headset.post(f"{upload}/complete").status_code == 201
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_a_voice_that_the_store_took_without_saying_so_is_adopted(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    assert send(headset, session, voice).status_code == 503
    scene.proxy.pass_on()

    scene.reconcile()

    assert scene.is_settled(session)
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_a_store_that_hangs_is_told_to_a_whole_classroom_and_hinders_nobody_else(
    scene, headset, session, voice
):
    scene.proxy.hang()

    def send_in_time(_number):
        return send(scene.server.client(**headset.headers), session, voice, timeout=ANSWER_SECONDS)

    with ThreadPoolExecutor(30) as headsets:
        sent = [headsets.submit(send_in_time, number) for number in range(30)]
        for _question in range(20):
            by_code = f"/sessions/by-code/{session['session_code']}"
            assert scene.server.client().get(by_code, timeout=2).status_code == 200
        assert not all(upload.done() for upload in sent)
        assert {upload.result().status_code for upload in sent} == {503}


def test_a_classroom_that_shares_a_thin_line_to_the_store_is_stored_however_long_it_takes(
    scene, headset, session
):
    scene.proxy.slow_down(bytes_a_second=3_000_000)
    takes = [long_voice(2_000_000) for _headset in range(16)]

    def send_once(take):
        return send(scene.server.client(**headset.headers), session, take, timeout=60)

    with ThreadPoolExecutor(len(takes)) as headsets:
        answers = list(headsets.map(send_once, takes))

    assert {answer.status_code for answer in answers} == {201}


@contextlib.contextmanager
def database_gone(scene):
    """While it is open, the database drops and refuses every connection."""
    url = urlsplit(scene.server.environment["DATABASE_URL"])
    name = url.path[1:]
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as maintenance:
        maintenance.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        maintenance.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        maintenance.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_database_that_is_gone_from_the_start_is_told(scene, headset, session, voice):
    with database_gone(scene):
        answer = send(headset, session, voice, timeout=ANSWER_SECONDS)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert scene.keys(session) == []
    assert_heard_when_sent_again(scene, headset, session, voice)


def test_a_database_that_goes_before_the_end_loses_nothing(scene, headset, session, voice):
    scene.proxy.withhold_answers()
    with ThreadPoolExecutor(1) as sending:
        sent = sending.submit(send, headset, session, voice)
        until(lambda: scene.keys(session))
        with database_gone(scene):
            scene.proxy.pass_on()
            assert sent.result().status_code == 503

    scene.reconcile()

    assert scene.is_settled(session)
    assert_heard_when_sent_again(scene, headset, session, voice)

"""A store that is slow, and one that goes nowhere."""

import io

import pytest

from recordings import pace
from recordings.pace import BLOCK_BYTES, Pace, PacedFile, one_answer, pace_of_answer

SLOWEST = 256 * 1024  # bytes a second


@pytest.fixture
def clock(monkeypatch, settings):
    """Stands still until its `now` is moved; the patience is three seconds."""
    settings.STORE_PATIENCE = 3
    settings.STORE_SLOWEST = SLOWEST

    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def move(pace, clock, *, seconds, size, times=1):
    for _time in range(times):
        clock.now += seconds
        pace.count(size)


def test_what_moves_slowly_is_waited_for(clock):
    transfer = Pace()

    move(transfer, clock, seconds=1, size=SLOWEST, times=600)


def test_what_hardly_moves_is_given_up_within_seconds(clock):
    transfer = Pace()

    with pytest.raises(TimeoutError):
        move(transfer, clock, seconds=1, size=1000, times=5)


def test_what_was_quick_at_first_is_given_up_as_soon(clock):
    transfer = Pace()
    move(transfer, clock, seconds=1, size=100 * SLOWEST)

    with pytest.raises(TimeoutError):
        move(transfer, clock, seconds=1, size=1000, times=5)


def test_what_comes_to_itself_is_waited_for_again(clock):
    transfer = Pace()

    for _second in range(20):
        move(transfer, clock, seconds=2.5, size=0)
        move(transfer, clock, seconds=0, size=3 * SLOWEST)


def test_the_time_that_others_take_does_not_count(clock):
    transfer = Pace()
    clock.now += 3600
    transfer.resume()

    move(transfer, clock, seconds=1, size=1000)


def test_a_file_is_read_in_blocks_however_little_is_asked_for(clock):
    content = bytes(range(256)) * 4096
    file = PacedFile(io.BytesIO(content))

    pieces = list(iter(lambda: file.read(16 * 1024), b""))

    assert b"".join(pieces) == content
    assert {len(piece) for piece in pieces} == {BLOCK_BYTES}


def test_the_time_before_a_file_is_sent_does_not_count(clock):
    file = PacedFile(io.BytesIO(bytes(2 * BLOCK_BYTES)))
    clock.now += 3600
    file.seek(0)

    assert len(file.read(BLOCK_BYTES)) == BLOCK_BYTES


def ask(clock, *, seconds):
    with pace_of_answer().waiting():
        clock.now += seconds


def test_the_requests_of_one_answer_add_up(clock):
    with one_answer():
        ask(clock, seconds=2)
        ask(clock, seconds=2)
        with pytest.raises(TimeoutError):
            ask(clock, seconds=2)
    assert clock.now == 4


def test_an_answer_is_not_kept_from_what_it_waited_for(clock):
    with one_answer():
        ask(clock, seconds=20)


def test_a_quick_transfer_does_not_make_up_for_slow_requests(clock):
    with one_answer():
        ask(clock, seconds=2)
        move(pace_of_answer(), clock, seconds=1, size=100 * SLOWEST)
        ask(clock, seconds=2)
        with pytest.raises(TimeoutError):
            ask(clock, seconds=0)


def test_a_file_has_the_patience_that_the_requests_before_it_left(clock):
    with one_answer():
        ask(clock, seconds=2)
        file = PacedFile(io.BytesIO(bytes(BLOCK_BYTES)))
        clock.now += 2.5
        with pytest.raises(TimeoutError):
            file.read(BLOCK_BYTES)


def test_another_answer_has_its_own_patience(clock):
    with one_answer():
        ask(clock, seconds=4)
    with one_answer():
        ask(clock, seconds=1)


def test_what_nobody_waits_for_takes_its_time(clock):
    for _request in range(10):
        ask(clock, seconds=2)

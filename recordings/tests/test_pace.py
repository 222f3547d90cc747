"""A store that is slow, and one that goes nowhere."""

import io

import pytest

from recordings import pace
from recordings.pace import BLOCK_BYTES, Pace, PacedFile

SLOWEST = 256 * 1024  # bytes a second


@pytest.fixture
def clock(monkeypatch):
    """Stands still until its `now` is moved."""

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


def test_a_file_that_is_sent_again_gets_its_time_again(clock):
    file = PacedFile(io.BytesIO(bytes(2 * BLOCK_BYTES)))
    file.read(BLOCK_BYTES)
    clock.now += 3
    file.seek(0)
    clock.now += 3

    assert len(file.read(BLOCK_BYTES)) == BLOCK_BYTES

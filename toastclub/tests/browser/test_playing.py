"""Audio plays in Chromium from each store, and can be sought in."""

import pytest

from toastclub.testing.browser import clock_moves

pytestmark = pytest.mark.one_database


def test_a_take_plays_and_is_sought_in(desk_of, hosts, analyst, take_of, spoken_wav):
    take = take_of(spoken_wav)
    source = take.hand_out_url(analyst, address="127.0.0.1", expires_in=60)
    page = desk_of(analyst, hosts=hosts).open("/admin/")
    page.evaluate("source => document.body.append(new Audio(source))", source)
    player = page.locator("audio")

    player.evaluate("player => player.play()")
    clock_moves(player)
    assert player.evaluate("player => player.duration") == pytest.approx(8, abs=1)

    player.evaluate("player => { player.currentTime = 6 }")
    clock_moves(player)
    assert player.evaluate("player => player.currentTime") > 6

"""The outline of a recording's sound, beside what is known of the sound it was made of."""

import io

import numpy as np
import pytest
from django.core.management import call_command

from recordings.models import Recording
from recordings.peaks import PEAKS_AT_MOST, Peaks
from recordings.quality import measure
from recordings.tests.calls import API, SAMPLES, sample, send
from recordings.tests.factories import RecordingFactory
from recordings.tests.sounds import FORMATS, STEREO_ONLY, encode, silence, tone

HALF = 128  # what a byte says of a sound at -6 dBFS


def peaks_of(content, seconds=60):
    return measure(io.BytesIO(content), seconds=seconds).peaks


def middle(peaks):
    """Without the edges, where encoders swell and die away."""
    tenth = len(peaks) // 10
    return peaks[tenth:-tenth]


@pytest.mark.parametrize("name", FORMATS)
def test_a_tone_is_as_high_as_it_is_loud_from_end_to_end(name):
    kind = FORMATS[name]
    channels = 2 if name in STEREO_ONLY else 1
    sound = tone(4, level=-6.0206, hertz=500, rate=kind.rate, channels=channels, fade=0.05)

    heights = middle(peaks_of(encode(sound, name)))

    tolerance = max(4, HALF * 2 * kind.tolerance)
    assert min(heights) >= HALF - tolerance
    assert max(heights) <= HALF + tolerance


@pytest.mark.parametrize("seconds", [0.05, 1, 4.99, 10, 10.01, 33, 100])
def test_however_long_there_are_a_thousand_at_most_and_enough_to_draw(seconds):
    count = len(peaks_of(encode(tone(seconds, rate=8000), "wav 16", rate=8000)))

    assert count <= PEAKS_AT_MOST
    assert count >= min(PEAKS_AT_MOST / 2, seconds * 50)


def test_each_moment_is_where_it_was():
    sound = np.concatenate([silence(30, rate=8000), tone(10, level=0, rate=8000)])

    peaks = peaks_of(encode(sound, "wav 16", rate=8000))

    edge = len(peaks) * 3 // 4
    assert max(peaks[: edge - 1]) == 0
    assert min(peaks[edge + 1 :]) == 255


def test_one_click_in_ten_minutes_is_not_lost():
    sound = silence(600, rate=8000)
    sound[450 * 8000] = 1.0

    peaks = peaks_of(encode(sound, "wav 16", rate=8000))

    place = [number for number, height in enumerate(peaks) if height]
    assert len(place) == 1
    assert place[0] / len(peaks) == pytest.approx(0.75, abs=2 / len(peaks))
    assert peaks[place[0]] == 255


def test_the_louder_channel_is_drawn():
    sound = np.hstack([silence(2), tone(2, level=-6.0206)])

    heights = middle(peaks_of(encode(sound, "wav 16")))

    assert HALF - 1 <= min(heights) <= max(heights) <= HALF


def test_what_is_beyond_full_scale_is_drawn_as_full():
    assert set(middle(peaks_of(encode(4 * tone(2, level=0), "wav float")))) == {255}


def test_numbers_that_are_none_are_drawn_within_the_scale():
    sound = tone(2)
    sound[1000:2000] = np.nan
    sound[3000:4000] = np.inf

    peaks = peaks_of(encode(sound, "wav float"))

    assert len(peaks) >= 100
    assert max(peaks) == 255


def test_ten_hours_take_no_more_room_than_a_minute():
    peaks = Peaks()
    for second in range(36_000):
        peaks.add(np.full(50, 0.5, np.float32), start=second, seconds=0.02)

    drawn = peaks.as_bytes()
    assert PEAKS_AT_MOST / 2 <= len(drawn) <= PEAKS_AT_MOST
    assert set(drawn) == {HALF}


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
def test_a_voice_has_an_outline_that_rises_and_falls(name):
    peaks = peaks_of(sample(name))

    assert len(peaks) >= 50
    assert max(peaks) > 2 * sorted(peaks)[len(peaks) // 4]


def test_a_truncated_voice_has_the_outline_of_what_is_there(spoken_wav):
    whole, half = peaks_of(spoken_wav), peaks_of(spoken_wav[: len(spoken_wav) // 2])

    assert len(half) == pytest.approx(len(whole) / 2, abs=2)
    assert half[:-1] == whole[: len(half) - 1]


@pytest.mark.parametrize("content", [b"no es audio", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(900)])
def test_what_cannot_be_decoded_has_none(content):
    assert peaks_of(content) is None


def test_what_was_not_heard_to_its_end_has_none():
    assert peaks_of(encode(tone(5), "flac"), seconds=0) is None


@pytest.mark.django_db
def test_an_upload_is_stored_with_its_outline(headset, session, spoken_wav):
    send(headset, session, spoken_wav)

    assert bytes(Recording.objects.get().peaks) == peaks_of(spoken_wav)


@pytest.mark.django_db
def test_what_is_measured_later_gets_its_outline_then(spoken_wav):
    RecordingFactory(content=spoken_wav, is_processed=False)

    call_command("process_recordings", stdout=io.StringIO(), stderr=io.StringIO())

    assert bytes(Recording.objects.get().peaks) == peaks_of(spoken_wav)


@pytest.mark.django_db
def test_neither_lists_nor_the_api_read_outlines(as_analyst, headset, session, spoken_wav):
    send(headset, session, spoken_wav)

    assert "peaks" in Recording.objects.get().get_deferred_fields()
    assert "peaks" not in as_analyst.get(f"{API}/recordings").json()["results"][0]

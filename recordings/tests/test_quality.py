"""The figures of a recording, beside what is known of the sound it was made of."""

import io
import itertools
import random
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from recordings.choices import Aviso
from recordings.levels import FLOOR_DBFS
from recordings.quality import Measurement, measure
from recordings.tests.calls import SAMPLES as SAMPLES_FOLDER
from recordings.tests.calls import sample
from recordings.tests.sounds import FORMATS, STEREO_ONLY, encode, silence, tone

pytestmark = pytest.mark.one_database

LOSSLESS = ["wav 8", "wav 16", "wav 24", "wav 32", "wav float", "wav double", "flac", "flac 24"]
SAMPLES = sorted(path.name for path in SAMPLES_FOLDER.iterdir())
INDEX_AT_THE_END = {"m4a", "alac"}


def measured(content, seconds=60):
    return measure(io.BytesIO(content), seconds=seconds)


def made_for(name, make, *arguments, **options):
    """A sound with the sampling rate and the channels that the format wants."""
    channels = 2 if name in STEREO_ONLY else 1
    return make(*arguments, rate=FORMATS[name].rate, channels=channels, **options)


def amplitude(dbfs):
    return 10 ** (dbfs / 20)


def full_scale(wav):
    """The sound of a WAV (PCM, 16 bit, mono), as loud as just fits."""
    samples = np.frombuffer(wav[wav.index(b"data") + 8 :], "<i2").reshape(-1, 1).astype(float)
    return samples / np.abs(samples).max()


def wav_with_size(size, sound, tail=b""):
    content = encode(sound, "wav 16")
    start = content.index(b"data") + 4
    return content[:start] + struct.pack("<I", size) + content[start + 4 :] + tail


@pytest.mark.parametrize("name", FORMATS)
def test_the_figures_of_a_format_are_within_one_percent_of_truth(name):
    kind = FORMATS[name]
    # A voice does not begin in full: the ringing of an encoder would be measured.
    sound = made_for(name, tone, 3, level=-6, hertz=500, fade=0.05)
    truth = np.sqrt(np.mean(sound**2))

    found = measured(encode(sound, name))

    assert (found.contenedor, found.codec) == (kind.contenedor, kind.codec_found)
    assert (found.frecuencia_hz, found.canales) == (kind.rate, sound.shape[1])
    assert found.duracion_segundos == pytest.approx(3, rel=0.01)
    assert amplitude(found.pico_dbfs) == pytest.approx(amplitude(-6), rel=kind.tolerance)
    assert amplitude(found.rms_dbfs) == pytest.approx(truth, rel=kind.tolerance)
    assert (found.proporcion_saturada, found.avisos) == (0, ())


@pytest.mark.parametrize("name", FORMATS)
def test_the_share_of_silence_is_within_one_percent_of_truth(name):
    sound = np.vstack([made_for(name, tone, 2, fade=0.01), made_for(name, silence, 2)])

    found = measured(encode(sound, name))

    assert found.proporcion_silencio == pytest.approx(0.5, abs=0.01)
    assert found.avisos == ()


@pytest.mark.parametrize("name", FORMATS)
def test_silence_is_warned_of_and_has_a_finite_level(name):
    found = measured(encode(made_for(name, silence, 2), name))

    assert (found.proporcion_silencio, found.avisos) == (1, (Aviso.SILENCIO,))
    assert FLOOR_DBFS <= found.rms_dbfs <= found.pico_dbfs < -90


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_second_is_too_short(name):
    assert measured(encode(made_for(name, tone, 0.5), name)).avisos == (Aviso.MUY_CORTO,)


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_clipped_sound_is_warned_of_with_the_share_that_is_clipped(name):
    sound = tone(3, level=12)

    found = measured(encode(sound, name))

    assert found.proporcion_saturada == pytest.approx(np.mean(np.abs(sound) >= 1), rel=0.01)
    assert found.avisos == (Aviso.SATURADO,)


@pytest.mark.parametrize("gain", [2, 4, 10])
@pytest.mark.parametrize("name", ["mp3", "vorbis", "opus", "webm", "aac", "m4a"])
def test_a_clipped_voice_is_heard_through_a_lossy_codec(name, gain, spoken_wav):
    voice = (gain * full_scale(spoken_wav)).clip(-1, 1)
    if name in STEREO_ONLY:
        voice = np.hstack([voice, voice])

    found = measured(encode(voice, name, rate=16_000))

    assert found.avisos == (Aviso.SATURADO,)
    assert found.proporcion_saturada == pytest.approx(np.mean(np.abs(voice) >= 1), rel=0.5)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("hertz", [100, 440, 1000])
def test_a_sine_that_just_fits_is_not_clipped(hertz, rate):
    found = measured(encode(tone(2, level=0, hertz=hertz, rate=rate), "wav 16", rate=rate))

    assert (found.pico_dbfs, found.proporcion_saturada, found.avisos) == (0, 0, ())


@pytest.mark.parametrize("name", ["wav 16", "flac", "mp3", "opus", "aac"])
def test_a_voice_at_full_scale_is_not_clipped(name, spoken_wav):
    assert measured(encode(full_scale(spoken_wav), name, rate=16_000)).avisos == ()


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in INDEX_AT_THE_END])
def test_a_file_that_was_cut_is_truncated_and_measured_as_far_as_it_goes(name):
    content = encode(made_for(name, tone, 4), name)

    found = measured(content[: round(0.8 * len(content))])

    assert found.avisos == (Aviso.TRUNCADO,)
    assert 2.5 < found.duracion_segundos < 3.6


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].can_be_live])
def test_a_stream_that_could_not_go_back_to_its_header_is_whole(name):
    found = measured(encode(made_for(name, tone, 3), name, live=True))

    assert found.avisos == ()
    assert found.duracion_segundos == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize("name", SAMPLES)
def test_recordings_of_other_encoders_have_nothing_wrong(name):
    assert measured(sample(name)).avisos == ()


@pytest.mark.parametrize("size", [0, 1000, 0x7FFFFFDB, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_a_wav_whose_header_was_never_finished_is_measured_by_its_bytes(size):
    found = measured(wav_with_size(size, tone(3)))

    assert (found.duracion_segundos, found.avisos) == (3, ())


def test_a_wav_that_promises_more_than_there_is_is_truncated():
    assert measured(wav_with_size(2_000_000, tone(3))).avisos == (Aviso.TRUNCADO,)


@pytest.mark.parametrize("name", [b"LIST", b"id3 ", b"bext"])
def test_what_follows_the_sound_of_a_wav_is_not_measured(name):
    loud = b"\xff\x7f\x00\x80" * 50_000
    sound = tone(3)

    found = measured(
        wav_with_size(2 * len(sound), sound, name + struct.pack("<I", len(loud)) + loud)
    )

    assert (found.duracion_segundos, found.pico_dbfs) == (3, pytest.approx(-6, abs=0.01))


def test_a_channel_without_sound_lowers_the_rms_and_is_no_silence():
    sound = np.hstack([tone(2), silence(2)])

    found = measured(encode(sound, "wav 16"))

    assert found.canales == 2
    assert found.pico_dbfs == pytest.approx(-6, abs=0.01)
    assert found.rms_dbfs == pytest.approx(-6 - 3.01 - 3.01, abs=0.01)
    assert found.proporcion_silencio == 0


@pytest.mark.parametrize("name, channels", [("m4a", 8), ("opus", 8), ("opus", 10), ("opus", 32)])
def test_more_channels_than_there_are_ears_are_measured_like_two(name, channels):
    sound = tone(3, hertz=60, fade=0.05, channels=channels)  # one of 7.1 carries low notes alone

    found = measured(encode(sound, name))

    assert found.canales == channels
    assert found.duracion_segundos == pytest.approx(3, abs=0.05)
    assert found.rms_dbfs == pytest.approx(-9.1, abs=0.2)
    assert found.avisos == ()


def test_a_constant_offset_is_measured_and_is_silence():
    found = measured(encode(silence(2) + 0.1, "wav 16"))

    assert (found.pico_dbfs, found.rms_dbfs) == (-20, -20)
    assert found.avisos == (Aviso.SILENCIO,)


def test_floats_over_full_scale_keep_their_peak():
    assert measured(encode(tone(2, level=6), "wav float")).pico_dbfs == pytest.approx(6, abs=0.01)


@pytest.mark.parametrize("name", ["wav float", "wav double"])
def test_values_that_are_no_sound_leave_the_figures_finite(name):
    sound = tone(2)
    sound[1000:1100] = np.nan
    sound[2000:2100] = np.inf
    sound[3000] = -1e38

    found = measured(encode(sound, name))

    assert np.isfinite([found.pico_dbfs, found.rms_dbfs]).all()
    assert found.proporcion_silencio == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"una voz, dicha en texto",
        b"RIFF\xff\xff\x00\x00WAVE" + random.Random(1).randbytes(5000),
        encode(tone(1), "wav 16")[:44],
        encode(tone(1), "flac")[:42],
        encode(tone(1), "m4a")[:-400],
    ],
    ids=["nothing", "text", "wav of garbage", "wav header", "flac header", "m4a without index"],
)
def test_what_holds_no_sound_has_that_warning_alone(content):
    found = measured(content)

    assert found.avisos == (Aviso.NO_DECODIFICABLE,)
    assert (found.is_complete, found.duracion_segundos, found.pico_dbfs) == (True, None, None)


@pytest.mark.parametrize(
    "magic",
    [
        b"ID3\x04\0\0\0\0\0\0", b"\xff\xfb\x90\x64", b"\xff\xf1\x50\x80", b"fLaC", b"OggS\0\x02",
        b"\x1a\x45\xdf\xa3", b"\0\0\0\x20ftypM4A ", b"FORM\0\0\1\0AIFF", b"#!AMR\n", b"#!AMR-WB\n",
    ],
)  # fmt: skip
def test_random_bytes_under_a_signature_are_no_sound(magic):
    content = magic + random.Random(magic).randbytes(50_000)

    assert measured(content).avisos == (Aviso.NO_DECODIFICABLE,)


def test_bytes_without_any_meaning_have_no_figures():
    assert measured(random.Random(2).randbytes(5000)) == Measurement(
        avisos=(Aviso.NO_DECODIFICABLE,)
    )


@pytest.mark.parametrize("name", ["wav 16", "flac", "m4a", "webm"])
def test_out_of_time_there_is_the_duration_that_the_header_promises(name, monkeypatch):
    moments = itertools.count()
    clock = SimpleNamespace(monotonic=lambda: next(moments))
    content = encode(tone(60), name)
    monkeypatch.setattr("recordings.containers.time", clock)

    found = measured(content, seconds=12)

    assert (found.is_complete, found.avisos) == (False, ())
    assert found.duracion_segundos == pytest.approx(60, rel=0.01)
    assert (found.frecuencia_hz, found.pico_dbfs, found.rms_dbfs) == (48_000, None, None)
    assert (found.proporcion_silencio, found.proporcion_saturada) == (None, None)


def test_out_of_time_before_anything_is_known_nothing_is_said():
    assert measured(encode(tone(1), "mp3"), seconds=-1) == Measurement(is_complete=False)


@pytest.mark.parametrize("name", FORMATS)
def test_no_damage_raises_or_makes_figures_that_cannot_be(name):
    dice = random.Random(name)
    whole = encode(made_for(name, tone, 1.2), name)
    pieces = [whole[: len(whole) * part // 20] for part in range(20)]

    for content in pieces + [_damaged(whole, dice) for _attempt in range(20)]:
        found = measured(content, seconds=5)
        assert found.avisos == (Aviso.NO_DECODIFICABLE,) or found.rms_dbfs <= found.pico_dbfs <= 60
        assert 0 <= (found.proporcion_silencio or 0) <= 1


def _damaged(content, dice):
    content = bytearray(content)
    for _byte in range(dice.choice([1, 5, 50])):
        content[dice.randrange(dice.choice([100, len(content)]))] = dice.randrange(256)
    return bytes(content)

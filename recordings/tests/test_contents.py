"""What is found in the bytes of an upload, whatever the client called them."""

import io
import itertools
import random
import struct
import time
from types import SimpleNamespace

import pytest

from recordings.quality import measure
from recordings.tests.calls import SAMPLES, sample, send, send_part, stored_keys
from recordings.tests.sounds import encode, tone

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

FORMATS = [
    ("discurso.wav", "audio/wav", "wav", 8.5986),
    ("voz.mp3", "audio/mpeg", "mp3", 2.0),
    ("voz_id3.mp3", "audio/mpeg", "mp3", 2.0),
    ("voz.ogg", "audio/ogg", "ogg", 2.0),
    ("voz.opus", "audio/ogg", "opus", 2.0),
    ("voz.webm", "audio/webm", "webm", 2.0),
    ("voz.m4a", "audio/mp4", "m4a", 2.0),
    ("voz.flac", "audio/flac", "flac", 2.0),
]
NOISE = random.Random(1).randbytes(4000)
BYTES_A_SECOND = 32_000  # of discurso.wav


def data_size_at(wav):
    """Where the size of the data is written in a WAV's header."""
    return wav.index(b"data") + 4


def with_sizes(wav, size):
    """The WAV with another size in both places where its header says it."""
    patched = bytearray(wav)
    struct.pack_into("<I", patched, 4, size)
    struct.pack_into("<I", patched, data_size_at(wav), size)
    return bytes(patched)


@pytest.mark.parametrize(("name", "content_type", "extension", "seconds"), FORMATS)
def test_a_format_is_known_by_its_bytes(headset, session, name, content_type, extension, seconds):
    body = send(headset, session, sample(name), name="foto.jpg", content_type="image/jpeg").json()

    assert body["formato"] == content_type
    assert body["audio_url"].endswith(f".{extension}")
    assert body["duracion_segundos"] == pytest.approx(seconds, abs=0.05)


def test_a_truncated_wav_is_kept_with_the_duration_that_is_left(headset, session, spoken_wav):
    cut = spoken_wav[: data_size_at(spoken_wav) + 4 + 3 * BYTES_A_SECOND]

    answer = send(headset, session, cut)

    assert answer.status_code == 201
    assert answer.json()["formato"] == "audio/wav"
    assert answer.json()["duracion_segundos"] == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_whose_header_was_never_finished_has_its_duration(headset, session, spoken_wav, size):
    body = send(headset, session, with_sizes(spoken_wav, size)).json()

    assert body["formato"] == "audio/wav"
    assert body["duracion_segundos"] == pytest.approx(8.5986, abs=0.01)


def test_a_wav_without_any_sound_has_no_duration(headset, session, spoken_wav):
    answer = send(headset, session, spoken_wav[: data_size_at(spoken_wav) + 4])

    assert answer.status_code == 201
    assert (answer.json()["formato"], answer.json()["duracion_segundos"]) == ("audio/wav", None)


@pytest.mark.parametrize("length", [12, 13, 20, 30, 43])
def test_a_wav_cut_within_its_header_is_kept(headset, session, spoken_wav, length):
    answer = send(headset, session, spoken_wav[:length])

    assert (answer.status_code, answer.json()["formato"]) == (201, "audio/wav")


def test_a_wav_with_a_ruined_header_is_kept(headset, session, spoken_wav):
    answer = send(headset, session, spoken_wav[:12] + NOISE[:32] + spoken_wav[44:])

    assert (answer.status_code, answer.json()["formato"]) == (201, "audio/wav")


def test_a_wav_with_chunks_before_its_format_is_read(headset, session, spoken_wav):
    extra = b"LIST" + struct.pack("<I", 4000) + b"INFO" + bytes(3996)

    body = send(headset, session, spoken_wav[:12] + extra + spoken_wav[12:]).json()

    assert body["formato"] == "audio/wav"
    assert body["duracion_segundos"] == pytest.approx(8.5986, abs=0.01)


def test_audio_that_takes_too_long_to_read_is_kept_without_duration(
    headset, session, spoken_wav, monkeypatch
):
    moments = itertools.count(step=60)
    monkeypatch.setattr(
        "recordings.containers.time", SimpleNamespace(monotonic=lambda: next(moments))
    )

    answer = send(headset, session, spoken_wav)

    assert (answer.status_code, answer.json()["formato"]) == (201, "audio/wav")
    assert answer.json()["duracion_segundos"] is None


@pytest.mark.parametrize("name", [row[0] for row in FORMATS])
def test_no_damage_makes_a_recording_anything_but_kept(name):
    dice = random.Random(name)

    for _attempt in range(40):
        content = bytearray(sample(name))
        for _byte in range(dice.choice([1, 4, 30])):
            content[dice.randrange(dice.choice([60, 400, len(content)]))] = dice.randrange(256)
        found = measure(io.BytesIO(content[: dice.randrange(1, len(content))]), seconds=10)
        assert found.duracion_segundos is None or 0 <= found.duracion_segundos < 20


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("audio/x-voz", "audio/x-voz"),
        ("AUDIO/X-Voz; codecs=1", "audio/x-voz"),
        ("audio/wav", "audio/wav"),
        ("text/html", "application/octet-stream"),
        ("video/mp4", "application/octet-stream"),
        ("application/octet-stream", "application/octet-stream"),
        ("", "application/octet-stream"),
        (None, "application/octet-stream"),
        ("audio/", "application/octet-stream"),
        ("audio", "application/octet-stream"),
        ("audio/x y", "application/octet-stream"),
        ("audio/<script>", "application/octet-stream"),
        ("audio/voz\x00", "application/octet-stream"),
        ("audio/vóz", "application/octet-stream"),
        ("audio/../../x", "application/octet-stream"),
        ("audio/" + "x" * 300, "application/octet-stream"),
        ("audio/x-voz\r\nX-Evil: 1", "audio/x-voz"),
    ],
)
def test_unrecognised_bytes_are_kept_under_a_clients_audio_type(headset, session, given, kept):
    answer = send_part(headset, session, NOISE, content_type=given)

    assert answer.status_code == 201, answer.json()
    assert (answer.json()["formato"], answer.json()["duracion_segundos"]) == (kept, None)
    assert stored_keys() == [answer.json()["audio_url"]]


def test_a_wav_too_damaged_to_be_recognised_is_still_named_as_one(headset, session):
    body = send(headset, session, NOISE, name="voz.wav", content_type="audio/wav").json()

    assert (body["formato"], body["audio_url"][-4:]) == ("audio/wav", ".wav")


def test_unrecognised_bytes_have_a_harmless_extension(headset, session):
    body = send(headset, session, NOISE, name="voz.exe", content_type="audio/x-exe").json()

    assert body["audio_url"].endswith(".bin")


@pytest.mark.parametrize(
    "filename",
    [
        "voz",
        "voz.",
        ".wav",
        "../../../etc/passwd",
        "..\\\\..\\\\voz.wav",
        "C:\\\\voces\\\\voz.wav",
        "/etc/cron.d/voz.wav",
        "voz\x00.wav",
        "voz\r\n .wav",
        "vóz 🎤.wav",
        "voz." + "x" * 400,
        "voz." + "🎤" * 120,
        "v" * 700 + ".wav",
        "CON.wav",
    ],
)
def test_a_clients_file_name_is_used_for_nothing(headset, session, spoken_wav, filename):
    answer = send_part(headset, session, spoken_wav, filename=filename)

    assert answer.status_code == 201, answer.json()
    key = answer.json()["audio_url"]
    assert key.startswith(f"recordings/session_{session.pk}/")
    assert key.endswith(".wav")
    assert stored_keys() == [key]


@pytest.mark.parametrize(
    "content",
    [
        b"MZ" + NOISE,
        b"BM" + NOISE,
        b"\x1f\x8b" + NOISE,
        b"PK" + NOISE,
        b"\xff\xd8" + NOISE,
        b"GIF" + NOISE,
        b"#!" + NOISE,
        b"<" + NOISE,
        bytes(4000),
        struct.pack("<8h", 0, 1, 1, 2, 1, 0, -1, -2) * 500,
        b"una voz, dicha en texto",
        b"\x00",
    ],
    ids=["MZ", "BM", "1f8b", "PK", "ffd8", "GIF", "#!", "<", "silence", "hiss", "text", "a byte"],
)
def test_bytes_that_are_not_plainly_something_else_are_kept(headset, session, content):
    answer = send(headset, session, content, content_type="application/octet-stream")

    assert answer.status_code == 201
    assert answer.json()["formato"] == "application/octet-stream"
    assert answer.json()["file_size"] == len(content)


def test_a_stream_description_opens_no_stream(headset, session):
    """FFmpeg would wait for its packets, which takes as long as they care to come."""
    sdp = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"
    started = time.monotonic()

    answer = send(headset, session, sdp)

    assert answer.json()["duracion_segundos"] is None
    assert time.monotonic() - started < 10


def test_a_playlist_does_not_read_the_servers_files(headset, session):
    playlist = f"ffconcat version 1.0\nfile {SAMPLES / 'voz.mp3'}\n"

    body = send(headset, session, playlist.encode()).json()

    assert body["duracion_segundos"] is None


def test_an_mp4_whose_end_is_missing_is_kept_as_one(headset, session):
    without_index = encode(tone(1), "m4a")[:-400]

    cut = send(headset, session, without_index, "voz", "application/octet-stream")

    assert cut.status_code == 201
    assert cut.json()["formato"] == "audio/mp4"
    assert cut.json()["audio_url"].endswith(".m4a")
    assert cut.json()["avisos"] == ["no_decodificable"]

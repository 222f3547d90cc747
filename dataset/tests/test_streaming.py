"""The dataset and its export are sent while they are read, whatever their size."""

import gzip
import io
import tracemalloc
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import FacilitatorFactory
from conftest import use_r2
from dataset import listing, package, rows
from dataset.archive import archive
from dataset.layouts import Layout
from dataset.package import packed
from dataset.selection import everything
from dataset.tests.archives import EXPORT
from recordings.disk import SignedFileSystemStorage
from recordings.outages import StoreUnavailable
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory
from toastclub import streams
from toastclub.testing.services import ObjectStore
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

LISTING = "/api/v1/dataset"
MEGABYTE = 1024 * 1024


@pytest.fixture
def rows_one_by_one(monkeypatch):
    for module in (rows, listing, package):
        monkeypatch.setattr(module, "ROWS_AT_A_TIME", 1)


def fill(sessions):
    text = TextFactory()
    for _number in range(sessions):
        session = SessionFactory(text=text)
        RecordingFactory(session=session)
        SurveyFactory(session=session)


def queries_of(client, path):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
        assert answer.status_code == 200
        for _piece in answer:
            pass
    return len(captured)


@pytest.mark.parametrize("path", [LISTING, EXPORT])
def test_fifty_sessions_take_as_many_queries_as_one(as_analyst, path):
    fill(1)
    queries_of(as_analyst, path)  # the first one also makes the installation's key
    of_one = queries_of(as_analyst, path)
    fill(49)

    assert queries_of(as_analyst, path) == of_one


def test_the_first_piece_of_the_listing_leaves_before_the_last_session_is_read(
    as_analyst, rows_one_by_one, monkeypatch
):
    monkeypatch.setattr(listing, "in_pieces", lambda parts: streams.in_pieces(parts, size=1))
    fill(6)

    pieces = iter(as_analyst.get(LISTING))
    next(pieces)
    Session.objects.all().delete()
    rest = b"".join(pieces)

    assert rest.count(b"session_code") < 6


def export_bytes():
    with packed(everything(), Layout()) as packed_export:
        yield from archive(packed_export)


def listing_bytes():
    yield from listing.listing_json(everything())


def store_large_sessions(count):
    """Sessions whose text and answers are about 100 KB each."""
    text = TextFactory(pages=[["á" * 50_000]])
    user = FacilitatorFactory()
    first = Session.objects.count()
    sessions = Session.objects.bulk_create(
        Session(
            session_code=f"{number:09}",
            user=user,
            text=text,
            text_title=text.title,
            text_pages=text.pages,
            text_words=1,
        )
        for number in range(first, first + count)
    )
    answers = {"respuesta": "é" * 50_000}
    Survey.objects.bulk_create(
        Survey(session=session, respuestas_json=answers, completed_at=timezone.now())
        for session in sessions
    )


def peak_memory(pieces):
    tracemalloc.start()
    for _piece in pieces:
        pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("pieces", [listing_bytes, export_bytes])
def test_memory_does_not_grow_with_the_number_of_sessions(pieces, rows_one_by_one):
    store_large_sessions(3)
    of_few = peak_memory(pieces())
    store_large_sessions(27)

    assert peak_memory(pieces()) < 1.5 * of_few


@pytest.mark.parametrize("store", ["disk", "seaweedfs"])
def test_memory_does_not_grow_with_the_audio(store, settings, request):
    if store == "seaweedfs":
        use_r2(settings, request.getfixturevalue("seaweed"))
    RecordingFactory(content=bytes(60 * MEGABYTE))

    assert peak_memory(export_bytes()) < 40 * MEGABYTE


def fail_halfway(storage, key, start, size, **_options):
    if start:
        raise StoreUnavailable
    return bytes(size)


def test_a_store_that_fails_halfway_breaks_the_transfer(as_analyst, monkeypatch):
    RecordingFactory(content=bytes(3 * MEGABYTE))
    monkeypatch.setattr(SignedFileSystemStorage, "part_of", fail_halfway)
    answer = as_analyst.get(EXPORT)
    received = io.BytesIO()

    with pytest.raises(StoreUnavailable):
        received.writelines(answer)

    assert received.tell() >= 2 * MEGABYTE
    assert not zipfile.is_zipfile(received)


def test_a_store_that_is_down_from_the_start_is_a_clean_error(as_analyst, settings):
    RecordingFactory()
    use_r2(settings, ObjectStore(endpoint_url="http://127.0.0.1:9"))

    answer = as_analyst.get(EXPORT)

    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/json"
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8"])
def test_the_listing_is_compressed_for_who_accepts_it(as_analyst, accepted):
    fill(3)
    plain = b"".join(as_analyst.get(LISTING))

    answer = as_analyst.get(LISTING, HTTP_ACCEPT_ENCODING=accepted)

    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    compressed = b"".join(answer)
    assert len(compressed) < len(plain)
    assert gzip.decompress(compressed) == plain


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, br", "identity"])
def test_the_listing_is_plain_for_who_does_not_accept_it(as_analyst, accepted):
    answer = as_analyst.get(LISTING, HTTP_ACCEPT_ENCODING=accepted)

    assert "Content-Encoding" not in answer
    assert b"".join(answer) == b'{"dataset":[],"total_sessions":0}'

"""What others write while the dataset is read is in all of it or in none."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from dataset import listing, package, rows
from dataset.tests.archives import EXPORT
from dataset.tests.archives import rows as rows_of
from recordings.tests.factories import RecordingFactory
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory
from surveys.models import Survey
from surveys.tests.factories import SurveyFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _rows_one_by_one(monkeypatch):
    for module in (rows, listing, package):
        monkeypatch.setattr(module, "ROWS_AT_A_TIME", 1)


class Interference:
    """Has others write, on a connection of their own, before each query of a table."""

    def __init__(self, table, change):
        self._table = f'FROM "{table}"'
        self._change = change
        self.seen = 0

    def __call__(self, execute, sql, params, many, context):
        if self._table in sql:
            self.seen += 1
            self._write_elsewhere()
        return execute(sql, params, many, context)

    def _write_elsewhere(self):
        def write():
            try:
                self._change(self.seen)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as others:
            others.submit(write).result()


def test_surveys_that_are_corrected_while_the_export_reads_are_as_they_were(as_analyst):
    SurveyFactory(answers={"antes": "sí"})

    def correct(number):
        Survey.objects.update(respuestas_json={f"después {number}": "no"})

    interference = Interference("surveys", correct)
    with connection.execute_wrapper(interference):
        answer = as_analyst.get(EXPORT)
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))

    assert interference.seen > 1
    assert Survey.objects.get().respuestas_json != {"antes": "sí"}
    assert [row["antes"] for row in rows_of(archive, "surveys.csv")] == ["sí"]


def test_sessions_that_come_while_the_listing_is_read_are_in_none_of_it(as_analyst):
    session = SurveyFactory(session=RecordingFactory().session).session

    def come(number):
        RecordingFactory(session=session)
        SurveyFactory(session=session)
        SessionFactory()

    interference = Interference("surveys", come)
    with connection.execute_wrapper(interference):
        (entry,) = json.loads(b"".join(as_analyst.get("/api/v1/dataset")))["dataset"]

    assert interference.seen == 1
    assert Session.objects.count() == 2
    assert (entry["recordings_count"], entry["surveys_count"]) == (1, 1)


def test_nobody_who_writes_waits_for_a_listing_that_is_being_read(as_analyst):
    SessionFactory.create_batch(200)
    pieces = iter(as_analyst.get("/api/v1/dataset"))
    next(pieces)

    def rename():
        try:
            return Session.objects.update(title="Otro")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as others:
        assert others.submit(rename).result(timeout=10) == 200
    assert b"".join(pieces)

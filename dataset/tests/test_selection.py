"""The filters, which are the same in the listing, the export, the command and the admin."""

import io
import json
import zipfile
from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from accounts.tests.factories import AnalystFactory
from dataset.tests.archives import EXPORT, export, rows
from recordings.choices import Motivo, Revision
from recordings.tests.factories import RecordingFactory
from sessions_app.choices import Estado
from sessions_app.models import Session
from sessions_app.tests.factories import SessionFactory
from surveys.tests.factories import SurveyFactory
from training.tests.factories import TextFactory

pytestmark = pytest.mark.django_db

LISTING = "/api/v1/dataset"
ADMIN_EXPORT = "/admin/dataset/export/"


def at(session, moment):
    Session.objects.filter(pk=session.pk).update(created_at=datetime.fromisoformat(moment))


@pytest.fixture
def sessions():
    """Three sessions by name; each with a survey, so that those are selected too."""
    ethics = TextFactory(id="T1", tags={"tema": "Ética ", "tono": "crítico"})
    merit = TextFactory(id="T2", tags={"tema": "mérito", "tono": "crítico"})
    made = {
        "clean": SessionFactory(text=ethics, estado=Estado.COMPLETED),
        "noisy": SessionFactory(text=merit, estado=Estado.COMPLETED),
        "silent": SessionFactory(text=merit),
    }
    listener = AnalystFactory()
    RecordingFactory(session=made["clean"]).review(Revision.ACEPTADA, by=listener)
    RecordingFactory(session=made["noisy"])
    noisy = RecordingFactory(session=made["noisy"], avisos=["saturado"])
    noisy.review(Revision.RECHAZADA, reason=Motivo.RUIDO, by=listener)
    for session in made.values():
        SurveyFactory(session=session)
    at(made["clean"], "2026-03-01T23:59:59.999999-05:00")
    at(made["noisy"], "2026-03-02T00:00:00-05:00")
    at(made["silent"], "2026-03-03T12:00:00-05:00")
    return made


# The filters, and of whose sessions how many recordings they leave.
EXPECTED = [
    ({}, {"clean": 1, "noisy": 2, "silent": 0}),
    ({"estado": "completed"}, {"clean": 1, "noisy": 2}),
    ({"estado": "running"}, {}),
    ({"desde": "2026-03-02"}, {"noisy": 2, "silent": 0}),
    ({"hasta": "2026-03-01"}, {"clean": 1}),
    ({"hasta": "2026-03-02"}, {"clean": 1, "noisy": 2}),
    ({"desde": "2026-03-02T00:00:01"}, {"silent": 0}),
    ({"hasta": "2026-03-02T05:00:00Z"}, {"clean": 1, "noisy": 2}),
    ({"desde": "2026-03-02", "hasta": "2026-03-02"}, {"noisy": 2}),
    ({"texto": "T1"}, {"clean": 1}),
    ({"tag.tema": "ética"}, {"clean": 1}),
    ({"tag.tema": " ÉTICA"}, {"clean": 1}),
    ({"tag.tema": "e\u0301tica"}, {"clean": 1}),
    ({"tag.tono": "crítico"}, {"clean": 1, "noisy": 2, "silent": 0}),
    ({"tag.tono": "crítico", "tag.tema": "mérito"}, {"noisy": 2, "silent": 0}),
    ({"con_audio": "true"}, {"clean": 1, "noisy": 2}),
    ({"con_audio": "false"}, {"silent": 0}),
    ({"avisos": "true"}, {"noisy": 1}),
    ({"avisos": "false"}, {"clean": 1, "noisy": 1}),
    ({"avisos": "true", "texto": "T1"}, {}),
    ({"revision": "aceptada"}, {"clean": 1}),
    ({"revision": "rechazada"}, {"noisy": 1}),
    ({"revision": "sin_revisar"}, {"noisy": 1}),
    ({"revision": "con_problemas"}, {}),
    ({"revision": "rechazada", "avisos": "false"}, {}),
    ({"revision": "sin_revisar", "avisos": "false"}, {"noisy": 1}),
    ({"revision": "aceptada", "con_audio": "false"}, {}),
    ({"revision": "", "texto": "T1"}, {"clean": 1}),
    ({"avisos": "false", "con_audio": "true"}, {"clean": 1, "noisy": 1}),
    ({"estado": "completed", "tag.tema": "mérito", "avisos": "true"}, {"noisy": 1}),
    ({"estado": "", "desde": "", "con_audio": ""}, {"clean": 1, "noisy": 2, "silent": 0}),
]
NAMES = ["&".join(f"{name}={value}" for name, value in filters.items()) for filters, _ in EXPECTED]
each_filter = pytest.mark.parametrize(("filters", "expected"), EXPECTED, ids=NAMES)


def recordings_of(archive):
    """Session → how many recordings of it an archive holds."""
    found = {}
    for row in rows(archive, "dataset.csv"):
        number = int(row["session_id"])
        found[number] = found.get(number, 0) + bool(row["recording_id"])
    return found


def surveyed_in(archive):
    return {int(row["session_id"]) for row in rows(archive, "surveys.csv")}


def numbered(sessions, expected):
    return {sessions[name].pk: count for name, count in expected.items()}


@each_filter
def test_the_listing_holds_what_the_filters_leave(as_analyst, sessions, filters, expected):
    found = json.loads(b"".join(as_analyst.get(LISTING, filters)))

    counts = {entry["session_id"]: entry["recordings_count"] for entry in found["dataset"]}
    assert counts == numbered(sessions, expected)
    assert found["total_sessions"] == len(expected)


@pytest.mark.one_database
@each_filter
def test_the_export_holds_what_the_filters_leave(as_analyst, sessions, filters, expected):
    archive = export(as_analyst, **filters)

    assert recordings_of(archive) == numbered(sessions, expected)
    assert surveyed_in(archive) == {sessions[name].pk for name in expected}
    audio = [name for name in archive.namelist() if name.startswith("audios/")]
    assert len(audio) == sum(expected.values())
    asked = {name: value for name, value in filters.items() if value}
    assert json.loads(archive.read("manifest.json"))["filters"] == asked


def written(filters, path):
    """What the command writes with those filters."""
    options = {name: value for name, value in filters.items() if value and "." not in name}
    tags = [
        f"{name.removeprefix('tag.')}={value}" for name, value in filters.items() if "." in name
    ]
    silence = io.StringIO()
    call_command("export_dataset", output=path, tag=tags, stdout=silence, stderr=silence, **options)
    return zipfile.ZipFile(path)


@pytest.mark.one_database
@each_filter
def test_the_command_writes_what_the_filters_leave(sessions, filters, expected, tmp_path):
    archive = written(filters, tmp_path / "dataset.zip")

    assert recordings_of(archive) == numbered(sessions, expected)


def posted(browser, filters):
    """What the admin's page answers to the download button, with the filters in its address."""
    return browser.post(f"{ADMIN_EXPORT}?{urlencode(filters)}")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("filters", "expected"),
    [each for each in EXPECTED if each[1]],
    ids=[name for name, each in zip(NAMES, EXPECTED, strict=True) if each[1]],
)
def test_the_admin_exports_what_the_filters_leave(browser_of, sessions, filters, expected):
    answer = posted(browser_of(AnalystFactory()), filters)

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    assert recordings_of(archive) == numbered(sessions, expected)


def test_the_admin_exports_nothing_where_the_filters_leave_nothing(browser_of, sessions):
    answer = posted(browser_of(AnalystFactory()), {"estado": "running"})

    assert answer.status_code == 400
    assert "No hay ninguna sesión que exportar" in answer.content.decode()


UNREADABLE = [
    {"estado": "terminada"},
    {"desde": "ayer"},
    {"hasta": "2026-13-01"},
    {"desde": "0001-01-01"},
    {"texto": "T9"},
    {"tag.tema": "nada"},
    {"tag.otra": "ética"},
    {"tag.": "ética"},
    {"con_audio": "quizá"},
    {"avisos": "saturado"},
    {"revision": "buena"},
    {"state": "completed"},
    {"Estado": "completed"},
    {"limit": "5"},
]
each_unreadable = pytest.mark.parametrize(
    "filters",
    UNREADABLE,
    ids=["&".join(f"{k}={v}" for k, v in each.items()) for each in UNREADABLE],
)


@pytest.mark.parametrize("path", [LISTING, EXPORT])
@each_unreadable
def test_what_cannot_be_read_is_refused_by_name(as_analyst, sessions, path, filters):
    answer = as_analyst.get(path, filters)

    (name,) = filters
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(name)
    assert list(answer.json()["errors"]) == [name]


@pytest.mark.parametrize("path", [LISTING, EXPORT])
def test_a_filter_that_is_given_twice_is_refused(as_analyst, sessions, path):
    answer = as_analyst.get(f"{path}?estado=created&estado=completed")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("estado")


def test_an_unknown_filter_is_told_which_there_are(as_analyst):
    detail = as_analyst.get(LISTING, {"stado": "created"}).json()["detail"]

    for name in ("estado", "desde", "hasta", "texto", "con_audio", "avisos", "tag.<clave>"):
        assert name in detail


def test_the_listing_knows_no_identifiable_data(as_analyst):
    assert as_analyst.get(LISTING, {"identificables": "1"}).status_code == 400


def test_a_tag_that_only_a_text_nobody_read_has_leaves_nothing(as_analyst, sessions):
    TextFactory(tags={"tema": "silencio"})

    answer = as_analyst.get(LISTING, {"tag.tema": "silencio"})

    assert json.loads(b"".join(answer)) == {"dataset": [], "total_sessions": 0}


def test_a_tag_is_the_one_that_the_text_had_when_it_was_read(as_analyst, sessions):
    text = sessions["clean"].text
    text.tags = {"tema": "otro"}
    text.store()

    found = json.loads(b"".join(as_analyst.get(LISTING, {"tag.tema": "ética"})))

    assert [entry["session_id"] for entry in found["dataset"]] == [sessions["clean"].pk]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"desde": "ayer"}, "--desde: "),
        ({"texto": "T9"}, "--texto: "),
        ({"tag": ["tema"]}, "CLAVE=VALOR"),
        ({"tag": ["tema=nada"]}, "--tag tema: "),
        ({"tag": ["tema=ética", "tema=mérito"]}, "--tag tema: "),
    ],
)
def test_the_command_names_the_option_that_cannot_be_read(sessions, tmp_path, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("export_dataset", output=tmp_path / "x.zip", **options)

    assert list(tmp_path.glob("*.zip*")) == []


@each_unreadable
def test_the_admin_says_what_cannot_be_read_and_keeps_the_rest(browser_of, sessions, filters):
    browser = browser_of(AnalystFactory())
    asked = {"hasta": "2026-03-02", **filters}

    page = browser.get(ADMIN_EXPORT, asked).content.decode()
    refused = posted(browser, asked)

    assert "Hay filtros que no se pueden leer." in page
    assert page.count('class="errorlist') == 1
    assert f'value="{asked["hasta"]}"' in page
    assert "Descargar el ZIP" not in page
    assert refused.status_code == 400


@pytest.mark.parametrize("path", [LISTING, EXPORT])
def test_filters_take_as_many_queries_for_many_sessions(
    as_analyst, sessions, django_assert_max_num_queries, path
):
    filters = {"tag.tema": "mérito", "avisos": "true", "estado": "completed", "texto": "T2"}
    as_analyst.get(path, filters).getvalue()

    with django_assert_max_num_queries(20):
        as_analyst.get(path, filters).getvalue()

"""The training texts that come with the project."""

import io
import json

import pytest
from django.core.management import call_command

from toastclub.environment import BASE_DIR
from training.models import Text

FIXTURE = BASE_DIR / "fixtures/training_texts.json"
TEXTS = json.loads(FIXTURE.read_text(encoding="utf-8"))["texts"]
IDS = [text["Id"] for text in TEXTS]
TAG_KEYS = [
    "audiencia",
    "contexto",
    "duracion_aprox",
    "intencion",
    "referentes",
    "subtema",
    "tema",
    "tono",
]
each_text = pytest.mark.parametrize("text", TEXTS, ids=IDS)


def body(text):
    return text["Pages"][2:]


@pytest.mark.one_database
def test_there_are_at_least_six_texts_with_ids_of_their_own():
    assert len(set(IDS)) == len(IDS) >= 6


@pytest.mark.one_database
def test_the_first_is_the_one_of_the_contracts_example():
    first = {key: value for key, value in TEXTS[0].items() if key != "Pages"}

    assert first == {
        "Id": "20251225202648_0001",
        "Title": "La Tiranía del Embudo: Cuando el Especialismo nos convierte en Expertos "
        "Incompetentes",
        "Tags": {
            "audiencia": "investigadores y profesionales técnicos",
            "contexto": "academia e industria",
            "duracion_aprox": "6-7 min",
            "intencion": "promover integración de saberes",
            "referentes": "crítica al especialismo",
            "subtema": "interdisciplinariedad",
            "tema": "especialización",
            "tono": "combativo",
        },
    }


@pytest.mark.one_database
@pytest.mark.parametrize(
    "key, values",
    [
        (
            "tema",
            {
                "especialización",
                "ética universitaria",
                "meritocracia",
                "misión de la universidad",
            },
        ),
        ("tono", {"combativo", "crítico", "provocador", "reflexivo-crítico"}),
    ],
)
def test_together_they_carry_the_values_of_the_contracts_example(key, values):
    assert {text["Tags"][key] for text in TEXTS} >= values


@pytest.mark.one_database
@each_text
def test_each_has_the_eight_tags_with_a_value(text):
    assert sorted(text["Tags"]) == TAG_KEYS
    assert all(value.strip() for value in text["Tags"].values())


@pytest.mark.one_database
@each_text
def test_each_takes_five_to_seven_minutes_to_read_aloud(text):
    words = [word for page in body(text) for line in page for word in line.split()]

    assert 700 <= len(words) <= 950


@pytest.mark.one_database
@each_text
def test_each_begins_with_how_to_begin_and_with_its_title(text):
    how_to_begin, title = text["Pages"][:2]

    assert any(line.strip() for line in how_to_begin)
    assert " ".join(line for line in title if line) == text["Title"]


@pytest.mark.one_database
@each_text
def test_each_is_laid_out_as_authors_deliver_them(text):
    lines = [line for page in body(text) for line in page]

    assert {len(page) for page in body(text)[:-1]} == {10}
    assert 1 <= len(body(text)[-1]) <= 10
    assert 39 < max(len(line) for line in lines) <= 42


@pytest.mark.django_db
@each_text
def test_each_fits_the_headset_once_imported_with_reflow(nobody, text):
    call_command("import_texts", FIXTURE, reflow=True, stdout=io.StringIO())

    stored = Text.objects.get(pk=text["Id"]).pages
    assert stored[:2] == text["Pages"][:2]
    assert all(len(page) <= 8 for page in stored[2:])
    assert all(len(line) <= 39 for page in stored[2:] for line in page)
    assert nobody.get(f"/api/v1/texts/{text['Id']}").json()["Pages"] == stored

"""How long a text takes to read, against what the authors of the delivered texts say."""

import json
import re

import pytest
from django.conf import settings

from training.reading import reading_seconds, words_in

pytestmark = pytest.mark.one_database

TEXTS = json.loads((settings.BASE_DIR / "fixtures" / "training_texts.json").read_text())["texts"]


def test_the_words_of_a_text_are_those_that_are_read_aloud():
    pages = [["Respira hondo."], ["El título"], ["Colegas,", "", "empecemos ya."], ["Fin."]]

    assert words_in(pages) == 4


def test_a_text_of_its_two_opening_pages_alone_takes_no_time():
    assert reading_seconds([["Respira."], ["Título"]]) == 0


def test_140_words_take_a_minute():
    assert reading_seconds([[], [], ["uno " * 140]]) == 60


@pytest.mark.parametrize("text", TEXTS, ids=[text["Id"] for text in TEXTS])
def test_a_delivered_text_takes_as_long_as_its_author_says(text):
    shortest, longest = map(int, re.findall(r"\d+", text["Tags"]["duracion_aprox"]))

    assert shortest <= reading_seconds(text["Pages"]) / 60 <= longest

"""Messages are written in Spanish; all of them are there in English too."""

import io

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from toastclub.environment import BASE_DIR

pytestmark = pytest.mark.one_database

CATALOG = BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po"
APPS = ("toastclub", "accounts", "training", "sessions_app", "recordings", "surveys", "dataset")
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None}


def messages_in_the_code():
    for app in APPS:
        for _file, _line, message, _comments, _context in extract_from_dir(
            BASE_DIR / app, keywords=KEYWORDS
        ):
            yield message


def test_every_message_in_the_code_has_an_english_translation():
    with CATALOG.open("rb") as file:
        english = read_po(file)

    missing = [message for message in messages_in_the_code() if not english[message].string]

    assert missing == []


def test_the_compiled_catalog_is_that_of_the_source():
    with CATALOG.open("rb") as file:
        source = {message.id: message.string for message in read_po(file) if message.id}
    with CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(io.BytesIO(file.read()))}
    compiled.pop("", None)

    assert compiled == source

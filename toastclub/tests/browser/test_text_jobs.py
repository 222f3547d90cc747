"""Texts are written with the headset's pages beside them, and imported from a file."""

import json
import re

import pytest
from playwright.sync_api import expect

from training.models import Text

pytestmark = pytest.mark.one_database

LONG_WORD = "x" * 45


def test_a_text_is_written_while_its_pages_are_seen(desk_of, analyst):
    page = desk_of(analyst).open("/admin/training/text/")
    page.get_by_role("link", name="Escribir un texto").click()
    preview = page.locator("[data-preview-body]")

    page.get_by_label(re.compile("^Id")).fill("T1")
    page.get_by_label(re.compile("^Título")).fill("El Embudo")
    pages = page.locator("textarea[name=pages]")
    while pages.count() < 3:
        page.get_by_role("button", name="Añadir página").click()
    for number, words in enumerate(["Respira.", "El Embudo", f"Una palabra: {LONG_WORD}"]):
        pages.nth(number).fill(words)
    expect(preview).to_contain_text("Respira.")
    expect(preview.locator(".tc-note").first).to_contain_text(re.compile("cort|part"))
    pages.nth(2).fill("Compañeras, compañeros:")
    expect(preview.locator(".tc-note")).to_have_count(0)
    expect(preview).to_contain_text("Compañeras, compañeros:")
    assert not Text.objects.exists()

    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".tc-note.tc-bad")).to_have_count(0)
    page.wait_for_url(re.compile("/training/text/$"))

    assert Text.objects.get().pages == [["Respira."], ["El Embudo"], ["Compañeras, compañeros:"]]


def test_a_file_is_checked_before_it_is_imported(desk_of, analyst):
    text = {"Id": "T2", "Title": "La Firma", "Pages": [["Uno"], ["La Firma"], ["Hola"]]}
    page = desk_of(analyst).open("/admin/training/text/import/")

    page.locator("input[type=file]").set_input_files(
        {
            "name": "textos.json",
            "mimeType": "application/json",
            "buffer": json.dumps({"texts": [text]}).encode(),
        }
    )
    page.get_by_role("button", name="Revisar el archivo").click()
    expect(page.get_by_role("cell", name="La Firma")).to_be_visible()
    assert not Text.objects.exists()
    page.get_by_role("button", name="Importar").click()
    page.wait_for_url(re.compile("/training/text/"))

    assert Text.objects.get().title == "La Firma"

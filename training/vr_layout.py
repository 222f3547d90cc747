"""The layout of a text in the headset: pages of 8 lines of 39 characters.

A text is a list of pages, a page a list of lines. The first two pages (how to begin, and the
title) are the author's, byte for byte; what follows is wrapped. Lengths are in characters as
a reader sees them: a letter and its combining accents are one.
"""

from collections.abc import Iterator
from itertools import groupby, pairwise

import regex

Line = str
Page = list[Line]

LINES_PER_PAGE = 8
CHARACTERS_PER_LINE = 39
UNTOUCHED_PAGES = 2

_CHARACTER = regex.compile(r"\X")
# Where a line may be broken: a space that is not of the non-breaking kinds.
_BREAKABLE_SPACE = regex.compile(r"[^\S\u00a0\u202f\u2007\ufeff]+")


def width(text: str) -> int:
    """The number of characters that a reader sees."""
    return len(text) if text.isascii() else len(_CHARACTER.findall(text))


def normalise(pages: list[Page]) -> list[Page]:
    """`pages` as the headset shows them; normalising the result again changes nothing.

    From page 3 on, lines that are too long wrap at spaces, and pages that overflow go on on
    new ones. Empty lines stay, pages never merge, and no word is lost, added or moved; only a
    word that is longer than a line is cut.
    """
    laid_out = list(pages[:UNTOUCHED_PAGES])
    for page in pages[UNTOUCHED_PAGES:]:
        laid_out.extend(_in_pages(lines_of(page)) or [[]])
    return laid_out


def lines_of(page: Page) -> list[Line]:
    """The lines that a page becomes, of which the ninth and further ones go to new pages."""
    return [piece for line in page for piece in wrap(line)]


def reflow(pages: list[Page]) -> list[Page]:
    """`pages` with the author's paragraphs laid out anew, instead of broken twice.

    An author's editor has broken the lines at its own width. A break is the editor's if the
    next line's first word would not have fitted any more; such lines are joined again, across
    pages too. All other breaks, empty lines included, are deliberate and stay.
    """
    lines = [line for page in pages[UNTOUCHED_PAGES:] for line in page]
    paragraphs = _rejoin(lines, _editor_width(lines))
    return [*pages[:UNTOUCHED_PAGES], *_in_pages([p for line in paragraphs for p in wrap(line)])]


def spoken_text(pages: list[Page]) -> str:
    """What is read aloud of those pages: a line a paragraph, paragraphs parted by empty lines."""
    lines = [line.strip() for page in pages[UNTOUCHED_PAGES:] for line in page]
    paragraphs = (list(group) for has_words, group in groupby(lines, key=bool) if has_words)
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def wrap(line: Line) -> list[Line]:
    """One line as lines of at most 39 characters; one that fits is left as it is."""
    if width(line) <= CHARACTERS_PER_LINE:
        return [line]
    return list(_wrapped(line)) or [""]


def _wrapped(line: Line) -> Iterator[Line]:
    current, gap = "", ""
    for token in _tokens(line):
        if _BREAKABLE_SPACE.fullmatch(token):
            gap = token if current else ""
        elif width(current + gap + token) <= CHARACTERS_PER_LINE:
            current, gap = current + gap + token, ""
        else:
            if current:
                yield current
            *full_lines, current = _cut(token)
            yield from full_lines
            gap = ""
    if current:
        yield current


def _tokens(line: Line) -> list[str]:
    """The words of a line and the spaces between them, in order."""
    words_and_spaces = regex.split(f"({_BREAKABLE_SPACE.pattern})", line)
    return [token for token in words_and_spaces if token]


def words(line: Line) -> list[str]:
    """What of a line can't be broken, in order: its words as the layout sees them."""
    return [token for token in _tokens(line) if not _BREAKABLE_SPACE.fullmatch(token)]


def first_characters(text: str, count: int) -> str:
    """The beginning of a text, cut behind that many characters."""
    return "".join(_CHARACTER.findall(text)[:count])


def _cut(word: str) -> list[str]:
    characters = _CHARACTER.findall(word)
    return [
        "".join(characters[start : start + CHARACTERS_PER_LINE])
        for start in range(0, len(characters), CHARACTERS_PER_LINE)
    ]


def _in_pages(lines: list[Line]) -> list[Page]:
    return [lines[start : start + LINES_PER_PAGE] for start in range(0, len(lines), LINES_PER_PAGE)]


def _first_word(line: Line) -> str:
    words = line.split(maxsplit=1)
    return words[0] if words else ""


def _editor_width(lines: list[Line]) -> int:
    """The width that explains most breaks, the widest of those that explain equally many.

    A width explains a break if the line fits in it and the next line's first word would not
    have fitted behind it. It is not simply the longest line: one that the author let run over
    would hide the width of all others.
    """
    breaks = [
        (width(line), width(line) + 1 + width(_first_word(following)))
        for line, following in _breaks(lines)
    ]
    candidates = sorted({fits for fits, _overflows in breaks}, reverse=True)
    return max(
        candidates,
        key=lambda candidate: sum(fits <= candidate < overflows for fits, overflows in breaks),
        default=CHARACTERS_PER_LINE,
    )


def _breaks(lines: list[Line]) -> Iterator[tuple[Line, Line]]:
    """Pairs of lines with a break, but no empty line, between them."""
    return (
        (line, following)
        for line, following in pairwise(lines)
        if line.strip() and following.strip()
    )


def _rejoin(lines: list[Line], editor_width: int) -> list[Line]:
    paragraphs: list[Line] = []
    previous = ""
    for line in lines:
        fitted = width(previous) + 1 + width(_first_word(line)) <= editor_width
        if previous.strip() and line.strip() and not fitted:
            paragraphs[-1] = f"{paragraphs[-1].rstrip()} {line.lstrip()}"
        else:
            paragraphs.append(line)
        previous = line
    return paragraphs

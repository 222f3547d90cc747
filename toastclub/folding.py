"""Text as it is compared: without capitals, accents and other forms of the same letters."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_UNSEEN = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\ufeff]")  # accents, and what has no width
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})
LETTERS_REMEMBERED = 500


def folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return _UNSEEN.sub("", unicodedata.normalize("NFKD", text).casefold()).translate(_PLAIN)


def words_of(text: str) -> list[str]:
    return _WORD.findall(text)


def replaced(pattern: re.Pattern[str], replacement: str, text: str) -> str:
    """The text, what of it matches the pattern when it is folded replaced; the rest as it was."""
    letters = [_folded_letter(letter) for letter in text]
    places = [place for place, letter in enumerate(letters) for _each in letter]
    kept, reached = [], 0
    for match in pattern.finditer("".join(letters)):
        kept.append(text[reached : places[match.start()]])
        reached = places[match.end() - 1] + 1
        while reached < len(text) and not letters[reached]:  # accents of the last letter
            reached += 1
        kept.append(replacement)
    return "".join([*kept, text[reached:]])


_folded_letter: Callable[[str], str] = lru_cache(maxsize=LETTERS_REMEMBERED)(folded)

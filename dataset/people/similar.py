"""Names that may be another way of writing the same one."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from sessions_app.models import Participant
from toastclub.spelling import pattern_of, plain

NAMES_AT_MOST = 5000  # that are compared, newest first
WORDS_AT_MOST = 12
SHORTEST_WORD = 3  # letters, of a word that tells one name from others
SHORTEST_FUZZY = 4
CLOSE = 0.75  # what Jhon and John, or Ñahui and Nahuy, have in common by `SequenceMatcher`

Words = tuple[str, ...]


class Similar:
    """The sessions whose participant's name has a word of one of those names, by their names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._numbers: dict[Words, list[int]] = {}
        words = {word for name in names for word in _telling_words(name)}
        if words:
            longest = sorted(words, key=len, reverse=True)[:WORDS_AT_MOST]
            self._look_for("|".join(map(pattern_of, longest)))

    def to(self, names: Iterable[str]) -> list[int]:
        """The numbers of the sessions under these names, and then of those under similar ones."""
        own = [_words(name) for name in names]
        same = [number for words in own for number in self._numbers.get(words, [])]
        similar = [
            number
            for words, numbers in self._numbers.items()
            if words not in own and any(_are_similar(words, each) for each in own)
            for number in numbers
        ]
        return same + similar

    def _look_for(self, pattern: str) -> None:
        found = Participant.objects.filter(nombre__regex=pattern).order_by("-pk")
        for number, name in found.values_list("pk", "nombre")[:NAMES_AT_MOST]:
            self._numbers.setdefault(_words(name), []).append(number)


def _words(name: str) -> Words:
    return tuple(plain(name).split())


def _telling_words(name: str) -> list[str]:
    """The two longest words of a name, by which others like it are found."""
    words = sorted(_words(name), key=len, reverse=True)
    return [word for word in words if len(word) >= SHORTEST_WORD][:2]


def _are_similar(one: Words, other: Words) -> bool:
    """Whether each word of the shorter is in the longer, or one that is close to it."""
    shorter, longer = sorted((one, other), key=len)
    return bool(shorter) and all(any(_are_close(word, each) for each in longer) for word in shorter)


@lru_cache(maxsize=50_000)
def _are_close(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < SHORTEST_FUZZY:
        return False
    matcher = SequenceMatcher(None, one, other)
    return matcher.real_quick_ratio() >= CLOSE and matcher.ratio() >= CLOSE

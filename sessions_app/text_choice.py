"""The texts that a new session may be about, as its form offers them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from training.models import Text, fold
from training.reading import reading_seconds
from training.tags import tag_index
from training.vr_layout import normalise

TAG_PREFIX = "tag."
TEXTS_REMEMBERED = 500  # of some 10 kB each


class TagSelect(NamedTuple):
    """The values that texts have under one key; the chosen one is folded, or empty."""

    name: str
    key: str
    options: list[tuple[str, str]]  # folded, and as it is written
    chosen: str


@dataclass(frozen=True)
class OfferedText:
    """A text, what is to be known of it, and whether it has the tags that are asked for."""

    text: Text
    pages: int
    minutes: int
    has_wanted_tags: bool

    @property
    def tags_json(self) -> str:
        """Its tags as the selects have them: name to folded value."""
        folded = {f"{TAG_PREFIX}{key}": fold(value) for key, value in self.text.tags.items()}
        return json.dumps(folded)


def offer(asked: Mapping[str, str]) -> tuple[list[TagSelect], list[OfferedText]]:
    """All texts, and the selects by whose values they are told apart."""
    texts = list(Text.objects.all())
    selects = _tag_selects(texts, asked)
    wanted = [(select.key, select.chosen) for select in selects if select.chosen]
    found = set(Text.objects.with_tags(wanted).values_list("pk", flat=True)) if wanted else None
    return selects, [_offered(text, found is None or text.pk in found) for text in texts]


def _tag_selects(texts: list[Text], asked: Mapping[str, str]) -> list[TagSelect]:
    return [
        TagSelect(
            name=f"{TAG_PREFIX}{key}",
            key=key,
            options=[(fold(value), value) for value in values],
            chosen=fold(asked.get(f"{TAG_PREFIX}{key}", "")),
        )
        for key, values in tag_index(text.tags for text in texts).items()
    ]


def _offered(text: Text, has_wanted_tags: bool) -> OfferedText:
    pages, seconds = _measured(tuple(tuple(page) for page in text.pages))
    return OfferedText(text, pages, max(1, round(seconds / 60)), has_wanted_tags)


@lru_cache(maxsize=TEXTS_REMEMBERED)
def _measured(pages: tuple[tuple[str, ...], ...]) -> tuple[int, float]:
    """The number of its pages in the headset, and the seconds that reading them takes.

    It is remembered because laying out a text takes 5 ms, and the form shows all of them.
    """
    laid_out = normalise([list(page) for page in pages])
    return len(laid_out), reading_seconds(laid_out)

"""How long a text takes to be read aloud."""

from training.vr_layout import Page, spoken_text

WORDS_PER_MINUTE = 130


def words_in(pages: list[Page]) -> int:
    """The words that are read aloud of those pages."""
    return len(spoken_text(pages).split())


def reading_seconds(pages: list[Page]) -> float:
    """What an unhurried reader takes for those pages."""
    return seconds_for(words_in(pages))


def seconds_for(words: int) -> float:
    return words * 60 / WORDS_PER_MINUTE

"""How long it takes to read a text aloud."""

from training.vr_layout import Page, spoken_text

# The usual pace of a speech is 120 to 160. At 140 each training text takes as long as its author
# says of it in `duracion_aprox`; at 150 three of the six would be shorter than that.
WORDS_PER_MINUTE = 140


def words_in(pages: list[Page]) -> int:
    """The words that are read aloud: how to begin and the title, pages 1 and 2, are not."""
    return len(spoken_text(pages).split())


def reading_seconds(pages: list[Page]) -> float:
    """The time that reading those pages aloud takes at a calm pace."""
    return seconds_for(words_in(pages))


def seconds_for(words: int) -> float:
    return words * 60 / WORDS_PER_MINUTE

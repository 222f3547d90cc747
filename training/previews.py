"""Pages as the headset shows them, with what their author has to know of that."""

from itertools import accumulate
from math import ceil
from typing import Any

from training.reading import reading_seconds
from training.vr_layout import LINES_PER_PAGE, UNTOUCHED_PAGES, Page, lines_of, normalise
from training.vr_warnings import warnings_of

WARNINGS_SHOWN = 40


def minutes_of(pages: list[Page]) -> str:
    """How long reading them aloud takes, as a person says it."""
    return f"{max(1, round(reading_seconds(pages) / 60))} min"


def preview_of(pages: list[Page]) -> dict[str, Any]:
    """What the template `admin/training/preview.html` shows."""
    warnings = warnings_of(pages)
    return {
        "vr_pages": normalise(pages),
        "starts": _starts(pages),
        "minutes": minutes_of(pages),
        "warnings": warnings[:WARNINGS_SHOWN],
        "warnings_left_out": max(0, len(warnings) - WARNINGS_SHOWN),
    }


def _starts(pages: list[Page]) -> list[int]:
    """For each page of the author, on which page of the headset it begins."""
    heights = [
        1 if number < UNTOUCHED_PAGES else max(1, ceil(len(lines_of(page)) / LINES_PER_PAGE))
        for number, page in enumerate(pages)
    ]
    return [start + 1 for start in accumulate(heights[:-1], initial=0)]

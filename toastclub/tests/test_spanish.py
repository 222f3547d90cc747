"""Every word that Unfold puts on a page has a Spanish one."""

import re
from pathlib import Path

import pytest
import unfold
from django.utils import translation

TEMPLATES = Path(unfold.__file__).parent
_WORDS = re.compile(r"""\{%\s*trans(?:late)?\s+(?:"([^"]+)"|'([^']+)')""")
SAME_IN_BOTH = {"General", "No"}


def words_of(template):
    return {double or single for double, single in _WORDS.findall(template.read_text())}


def templates():
    parts = ("templates", "contrib/filters/templates", "contrib/forms/templates")
    return sorted(path for part in parts for path in (TEMPLATES / part).rglob("*.html"))


@pytest.mark.one_database
@pytest.mark.parametrize("template", templates(), ids=lambda path: path.name)
def test_no_word_is_left_in_english(template):
    with translation.override("es"):
        english = {word for word in words_of(template) if translation.gettext(word) == word}

    assert english <= SAME_IN_BOTH

"""The normaliser by properties, judged by a count of its own: characters that don't combine."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.vr_layout import normalise

pytestmark = pytest.mark.one_database

MAX_CHARACTERS, MAX_LINES = 39, 8

letters = st.sampled_from([*"aeiounxñé¿,.", "a\u0301", "n\u0303", "u\u0308\u0301"])
words = st.lists(letters, min_size=1, max_size=12).map("".join)
long_words = st.lists(letters, min_size=35, max_size=90).map("".join)
gaps = st.sampled_from([" ", " ", " ", "  ", "     "])


@st.composite
def lines_of(draw, words):
    """Words with spaces between them and, now and then, around them."""
    parts = draw(st.lists(st.tuples(words, gaps), max_size=14))
    line = "".join(word + gap for word, gap in parts)
    line = line if draw(st.booleans()) else line.rstrip()
    return draw(st.sampled_from(["", "", "   "])) + line


lines = st.one_of(st.just(""), lines_of(words), lines_of(st.one_of(words, long_words)))
texts = st.lists(st.lists(lines, max_size=12), max_size=6)
short_worded_texts = st.lists(st.lists(lines_of(words), max_size=12), max_size=6)


def characters(text):
    return sum(not unicodedata.combining(character) for character in text)


def words_of(pages):
    return [word for page in pages for line in page for word in line.split()]


@given(texts)
def test_normalising_twice_changes_nothing_more(pages):
    once = normalise(pages)

    assert normalise(once) == once


@given(texts)
def test_pages_one_and_two_are_untouched(pages):
    assert normalise(pages)[:2] == pages[:2]


@given(texts)
def test_from_page_three_on_no_page_has_more_than_eight_lines(pages):
    assert all(len(page) <= MAX_LINES for page in normalise(pages)[2:])


@given(texts)
def test_from_page_three_on_no_line_has_more_than_39_characters(pages):
    laid_out = normalise(pages)[2:]

    assert all(characters(line) <= MAX_CHARACTERS for page in laid_out for line in page)


@given(short_worded_texts)
def test_words_that_fit_a_line_come_out_whole_and_in_order(pages):
    assert words_of(normalise(pages)) == words_of(pages)


@given(texts)
def test_no_letter_is_lost_added_or_moved(pages):
    assert "".join(words_of(normalise(pages))) == "".join(words_of(pages))


@given(texts)
def test_only_words_longer_than_a_line_are_cut_and_only_where_the_line_is_full(pages):
    pieces = iter(words_of(normalise(pages)[2:]))
    for word in words_of(pages[2:]):
        cut = [next(pieces)]
        while "".join(cut) != word:
            cut.append(next(pieces))
        assert [characters(piece) for piece in cut[:-1]] == [MAX_CHARACTERS] * (len(cut) - 1)
        assert len(cut) == 1 or characters(word) > MAX_CHARACTERS


@given(texts)
def test_a_cut_never_parts_a_letter_from_its_accent(pages):
    laid_out = normalise(pages)[2:]

    assert not any(line and unicodedata.combining(line[0]) for page in laid_out for line in page)


@given(lines_of(st.one_of(words, long_words)))
def test_no_wrapped_line_begins_or_ends_with_a_space(line):
    pieces = [piece for page in normalise([[], [], [line]])[2:] for piece in page]

    assert pieces == [line] or all(piece == piece.strip(" ") for piece in pieces)


@given(lines)
def test_a_line_that_fits_is_untouched_and_one_that_does_not_is_not(line):
    kept = normalise([[], [], [line]]) == [[], [], [line]]

    assert kept == (characters(line) <= MAX_CHARACTERS)


@given(texts)
def test_the_empty_lines_of_each_page_stay(pages):
    def empty(laid_out):
        return sum(not line for page in laid_out for line in page)

    delivered = sum(
        not line.strip() and (not line or characters(line) > MAX_CHARACTERS)
        for page in pages[2:]
        for line in page
    )

    assert empty(normalise(pages)[2:]) == delivered


@given(texts)
def test_pages_never_merge(pages):
    separately = [page for single in pages[2:] for page in normalise([[], [], single])[2:]]

    assert normalise(pages)[2:] == separately


@given(texts)
def test_every_page_but_the_last_of_an_overflowing_one_is_full(pages):
    for single in pages[2:]:
        *full, last = normalise([[], [], single])[2:]
        assert all(len(page) == MAX_LINES for page in full)
        assert last or not single

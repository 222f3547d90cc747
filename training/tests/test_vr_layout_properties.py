"""The normaliser by properties, judged by a count of its own: characters that don't combine."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.vr_layout import normalise

pytestmark = pytest.mark.one_database

MAX_CHARACTERS, MAX_LINES = 39, 8

# Digits stand for what one character of an alphabet can't be: a letter with its accents, or a
# space, which has to be as frequent as in a text.
DIGITS = str.maketrans(
    {"1": "a\u0301", "2": "n\u0303", "3": "u\u0308\u0301", "4": " ", "5": " ", "6": " "}
)


def strings(alphabet, max_size):
    return st.text(alphabet, max_size=max_size).map(lambda text: text.translate(DIGITS))


wordy_lines = strings("aeñ¿,.123456", 110)
long_worded_lines = st.tuples(wordy_lines, strings("aeñ123", 90), wordy_lines).map("".join)
lines = st.one_of(st.just(""), wordy_lines, long_worded_lines)
texts = st.lists(st.lists(lines, max_size=10), max_size=5)


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


@given(texts)
def test_no_letter_is_lost_added_or_moved(pages):
    assert "".join(words_of(normalise(pages))) == "".join(words_of(pages))


@given(texts)
def test_words_come_out_whole_and_in_order_but_longer_ones_are_cut_where_a_line_is_full(pages):
    pieces = iter(words_of(normalise(pages)[2:]))
    for word in words_of(pages[2:]):
        cut = [next(pieces)]
        while "".join(cut) != word:
            cut.append(next(pieces))
        assert [characters(piece) for piece in cut[:-1]] == [MAX_CHARACTERS] * (len(cut) - 1)
        assert len(cut) == 1 or characters(word) > MAX_CHARACTERS
    assert next(pieces, None) is None


@given(texts)
def test_a_cut_never_parts_a_letter_from_its_accent(pages):
    laid_out = normalise(pages)[2:]

    assert not any(line and unicodedata.combining(line[0]) for page in laid_out for line in page)


@given(long_worded_lines)
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

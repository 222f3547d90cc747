"""What an analyst is warned of before the headset shows a text otherwise than it was written."""

import pytest
from hypothesis import given

from training.tests.test_vr_layout_properties import characters, lines, texts
from training.vr_layout import normalise
from training.vr_warnings import Flaw, warnings_of

pytestmark = pytest.mark.one_database

FITTING = "x " * 19 + "x"  # 39 characters
TOO_LONG = FITTING + " fin"
LONG_WORD = "Ñ" * 40


def flaws(pages):
    return [(warning.flaw, warning.page, warning.lines) for warning in warnings_of(pages)]


def messages(pages):
    return [warning.message for warning in warnings_of(pages)]


def test_a_text_that_fits_has_no_warning():
    assert warnings_of([[FITTING] * 8] * 4) == []


def test_a_line_that_will_be_wrapped_is_named():
    pages = [[], [], [FITTING, "", TOO_LONG]]

    assert flaws(pages) == [(Flaw.WRAPPED, 3, (3,))]
    assert messages(pages) == ["La línea 3 pasa de 39 caracteres y se parte."]


def test_lines_of_a_page_that_will_be_wrapped_are_named_together():
    pages = [[], [], [], [TOO_LONG, FITTING, TOO_LONG, TOO_LONG]]

    assert flaws(pages) == [(Flaw.WRAPPED, 4, (1, 3, 4))]
    assert messages(pages) == ["Las líneas 1, 3 y 4 pasan de 39 caracteres y se parten."]


def test_a_word_that_will_be_cut_is_named_with_its_page_and_line():
    pages = [[], [], ["Hola.", f"Di {LONG_WORD} ya"]]

    assert flaws(pages) == [(Flaw.WRAPPED, 3, (2,)), (Flaw.CUT, 3, (2,))]
    assert LONG_WORD in messages(pages)[1]
    assert "Línea 2" in messages(pages)[1]
    assert "40 caracteres" in messages(pages)[1]


def test_an_endless_word_is_named_by_its_beginning():
    cut = messages([[], [], ["a\u0301" * 100_000]])[1]

    assert len(cut) < 300
    assert "a\u0301…»" in cut
    assert "100000 caracteres" in cut


def test_a_page_that_goes_on_on_others_says_how_many_it_will_be():
    pages = [[], [], [FITTING] * 9, [FITTING] * 17]

    assert flaws(pages) == [(Flaw.OVERFLOWING, 3, ()), (Flaw.OVERFLOWING, 4, ())]
    assert "en el visor son 2 páginas" in messages(pages)[0]
    assert "en el visor son 3 páginas" in messages(pages)[1]


def test_a_page_overflows_by_lines_that_are_wrapped_too():
    assert (Flaw.OVERFLOWING, 3, ()) in flaws([[], [], [TOO_LONG] * 5])


@pytest.mark.parametrize("page", [1, 2])
def test_what_the_screen_hides_of_the_pages_that_are_left_as_they_are(page):
    pages = [[]] * (page - 1) + [[FITTING, TOO_LONG, LONG_WORD] + ["x"] * 6]

    assert flaws(pages) == [
        (Flaw.LINES_HIDDEN, page, (2, 3)),
        (Flaw.PAGE_HIDDEN, page, (9,)),
    ]
    assert all("lo que sobra no se ve" in message for message in messages(pages))


def test_what_can_no_longer_be_read_is_told_from_what_only_moves():
    pages = [[TOO_LONG], [], [TOO_LONG, LONG_WORD] * 5]
    losses = {warning.flaw for warning in warnings_of(pages) if warning.is_loss}

    assert losses == {Flaw.LINES_HIDDEN, Flaw.CUT}


@given(texts)
def test_whatever_the_headset_lays_out_otherwise_is_warned_of_and_nothing_else(pages):
    moved = [flaw for flaw, page, _lines in flaws(pages) if page > 2]
    untouched = all(normalise([[], [], page])[2:] == [page or []] for page in pages[2:])

    assert untouched == (not moved)


@given(texts)
def test_what_the_headset_shows_has_nothing_more_to_warn_of_from_page_three_on(pages):
    assert [flaw for flaw, page, _lines in flaws(normalise(pages)) if page > 2] == []


@given(lines)
def test_as_many_words_are_warned_of_as_are_too_long(line):
    cut = [flaw for flaw, _page, _lines in flaws([[], [], [line]]) if flaw is Flaw.CUT]

    assert len(cut) == sum(characters(word) > 39 for word in line.split(" "))


@given(texts)
def test_a_warning_names_lines_that_the_page_has(pages):
    for _flaw, page, named in flaws(pages):
        assert all(1 <= line <= len(pages[page - 1]) for line in named)

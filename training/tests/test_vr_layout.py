"""The normaliser by examples: each sentence of its rule, and the characters that are awkward."""

import unicodedata

import pytest

from training.vr_layout import normalise, wrap

pytestmark = pytest.mark.one_database

OPENING = [["Respira.", "x" * 60], ["", "", "Título"]]
LONG_LINE = "Hay una frase cruel, pero demoledora, que ronda los pasillos de la academia"


def laid_out(*pages):
    """What becomes of `pages` when they stand from page 3 on."""
    return normalise([*OPENING, *pages])[2:]


def test_pages_one_and_two_are_untouched_however_long_their_lines_and_they():
    opening = [["x" * 60, "  con espacios  ", *["línea"] * 12], ["\t", "e\u0301", "y " * 40]]

    assert normalise([*opening, ["fin"]])[:2] == opening


def test_a_line_of_39_characters_is_left_as_it_is():
    assert laid_out(["x" * 39]) == [["x" * 39]]


def test_a_line_of_40_characters_wraps_at_a_space():
    assert laid_out([f"{'x' * 35} yyyy"]) == [["x" * 35, "yyyy"]]


def test_a_long_line_fills_each_line_as_far_as_words_fit():
    assert laid_out([LONG_LINE]) == [
        ["Hay una frase cruel, pero demoledora,", "que ronda los pasillos de la academia"]
    ]


def test_the_spaces_where_a_line_breaks_are_gone():
    assert laid_out([f"{'x' * 30}     {'y' * 30}   "]) == [["x" * 30, "y" * 30]]


def test_several_spaces_inside_a_wrapped_line_stay():
    assert wrap(f"uno  dos {'y' * 38}") == ["uno  dos", "y" * 38]


def test_the_indentation_of_a_wrapped_line_is_dropped():
    assert laid_out([f"    {'x' * 30} {'y' * 30}"]) == [["x" * 30, "y" * 30]]


def test_spaces_around_a_line_that_fits_stay():
    line = f"  {'x' * 35}  "

    assert laid_out(["  centrado  ", line]) == [["  centrado  ", line]]


def test_a_word_of_39_characters_is_not_cut():
    assert laid_out([f"uno {'x' * 39} dos"]) == [["uno", "x" * 39, "dos"]]


def test_a_word_of_40_characters_is_cut():
    assert laid_out([f"uno {'x' * 40} dos"]) == [["uno", "x" * 39, "x dos"]]


def test_a_line_does_not_break_at_a_hyphen():
    assert laid_out([f"{'x' * 30} reflexivo-crítico"]) == [["x" * 30, "reflexivo-crítico"]]


def test_empty_lines_stay():
    assert laid_out(["uno", "", "", "dos", ""]) == [["uno", "", "", "dos", ""]]


def test_a_page_of_eight_lines_stays_one_page():
    assert laid_out(list("abcdefgh")) == [list("abcdefgh")]


def test_a_page_that_overflows_continues_on_a_new_page():
    assert laid_out(list("abcdefghij")) == [list("abcdefgh"), list("ij")]


def test_a_page_that_overflows_twice_continues_on_two_new_pages():
    assert [len(page) for page in laid_out(["x"] * 17)] == [8, 8, 1]


def test_a_page_that_overflows_only_once_its_lines_are_wrapped_continues_too():
    assert [len(page) for page in laid_out([LONG_LINE] * 5)] == [8, 2]


def test_pages_never_merge_however_short_they_are():
    assert laid_out(["uno"], ["dos"], ["tres"]) == [["uno"], ["dos"], ["tres"]]


def test_the_rest_of_an_overflowing_page_does_not_flow_into_the_next_one():
    assert laid_out(list("abcdefghi"), ["z"]) == [list("abcdefgh"), ["i"], ["z"]]


def test_an_empty_page_stays_an_empty_page():
    assert laid_out([], ["uno"], []) == [[], ["uno"], []]


@pytest.mark.parametrize("pages", [[], [["uno"]], [["uno"], ["dos"]], [[], []]])
def test_a_text_without_a_third_page_is_untouched(pages):
    assert normalise(pages) == pages


def test_what_is_given_is_not_changed_in_place():
    pages = [*OPENING, [LONG_LINE] * 9]

    normalise(pages)

    assert pages == [*OPENING, [LONG_LINE] * 9]


def test_a_letter_with_its_combining_accent_counts_as_one_character():
    line = unicodedata.normalize("NFD", "ñ" * 19 + " " + "á" * 19)

    assert len(line) == 77
    assert laid_out([line]) == [[line]]


def test_composed_and_decomposed_text_break_at_the_same_places():
    text = "¿Cuántas veces, señoras y señores, pidió el niño un café después de la lección?"
    decomposed = wrap(unicodedata.normalize("NFD", text))

    assert [unicodedata.normalize("NFC", line) for line in decomposed] == wrap(text)


def test_a_word_is_never_cut_between_a_letter_and_its_accent():
    pieces = wrap("n\u0303" * 50)

    assert pieces == ["n\u0303" * 39, "n\u0303" * 11]


@pytest.mark.parametrize(
    "character",
    [
        pytest.param("👩\u200d👩\u200d👧\u200d👦", id="a family joined by ZWJ"),
        pytest.param("👍🏽", id="a skin tone"),
        pytest.param("🇵🇪", id="a flag"),
        pytest.param("❤\ufe0f", id="a variation selector"),
        pytest.param("e\u0301\u0323", id="two accents on one letter"),
    ],
)
def test_what_a_reader_sees_as_one_character_counts_as_one_and_is_not_cut(character):
    assert wrap(character * 39) == [character * 39]
    assert wrap(character * 40) == [character * 39, character]


def test_the_text_is_not_recomposed():
    decomposed = unicodedata.normalize("NFD", f"{LONG_LINE} también")

    assert " ".join(wrap(decomposed)) == decomposed


@pytest.mark.parametrize("glue", ["\u00a0", "\u202f", "\u2007"])
def test_a_line_does_not_break_at_a_non_breaking_space(glue):
    line = f"{'x' * 30} 25{glue}000{glue}personas"

    assert wrap(line) == ["x" * 30, f"25{glue}000{glue}personas"]


def test_a_line_breaks_at_a_typographic_space_too():
    assert wrap(f"{'x' * 30}\u2003{'y' * 30}") == ["x" * 30, "y" * 30]


def test_a_long_line_of_nothing_but_spaces_becomes_an_empty_line():
    assert laid_out(["uno", " " * 60, "dos"]) == [["uno", "", "dos"]]


def test_a_short_line_of_nothing_but_spaces_is_left_as_it_is():
    assert laid_out(["   "]) == [["   "]]

"""Lines that an author's editor broke are joined again; what the author broke stays broken."""

import json
import textwrap
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toastclub.environment import BASE_DIR
from training.vr_layout import normalise, reflow

pytestmark = pytest.mark.one_database

OPENING = [["Respira.", "x" * 60], ["", "", "Título"]]
FIXTURE = json.loads((BASE_DIR / "fixtures/training_texts.json").read_text(encoding="utf-8"))
DELIVERED = [text["Pages"] for text in FIXTURE["texts"]]
PROSE = (
    "Imaginen un embudo. Por la boca ancha entramos todos a los diecisiete años: curiosos, "
    "desordenados, hambrientos. Queremos saber de estrellas y de hormigas, de Vallejo y de "
    "volcanes, del motor de la combi y de la caída de los imperios. Y entonces empieza el "
    "descenso, que dura lo que dura una carrera."
)
MORE_PROSE = (
    "Me dirán que sin especialistas no habría vacunas ni satélites ni puentes. Es verdad. Si "
    "un día han de abrirme el pecho, quiero a una cirujana con mil operaciones encima."
)
VERSE = ["Verde que te quiero verde.", "Verde viento. Verdes ramas.", "El barco sobre la mar"]


def at(columns, text):
    """`text` as an editor of that width breaks it."""
    return textwrap.wrap(text, columns, break_on_hyphens=False)


def in_pages_of(size, lines):
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def reflowed_lines(*pages):
    return [line for page in reflow([*OPENING, *pages])[2:] for line in page]


def words_of(pages):
    return [word for page in pages for line in page for word in line.split()]


def share_of_single_words(pages):
    lines = [line.split() for page in pages[2:] for line in page if line]
    return sum(len(words) == 1 for words in lines) / len(lines)


@pytest.mark.parametrize("columns", [42, 45, 60, 72])
def test_prose_is_laid_out_as_if_no_editor_had_broken_it(columns):
    assert reflowed_lines(at(columns, PROSE)) == at(39, PROSE)


def test_prose_is_joined_across_pages():
    pages = in_pages_of(3, at(42, PROSE))

    assert reflowed_lines(*pages) == at(39, PROSE)


def test_reflowed_pages_are_full():
    pages = reflow([*OPENING, *in_pages_of(10, at(42, f"{PROSE} {PROSE} {MORE_PROSE}"))])[2:]

    assert [len(page) for page in pages[:-1]] == [8] * (len(pages) - 1)


def test_paragraphs_stay_parted_by_their_empty_line():
    delivered = [*at(42, PROSE), "", *at(42, MORE_PROSE)]

    assert reflowed_lines(delivered) == [*at(39, PROSE), "", *at(39, MORE_PROSE)]


def test_an_empty_line_at_the_edge_of_a_page_still_parts_paragraphs():
    pages = [at(42, PROSE), ["", *at(42, MORE_PROSE), ""], ["Gracias."]]

    expected = [*at(39, PROSE), "", *at(39, MORE_PROSE), "", "Gracias."]
    assert reflowed_lines(*pages) == expected


def test_several_empty_lines_stay_several():
    delivered = [*at(42, PROSE), "", "", *at(42, MORE_PROSE)]

    assert reflowed_lines(delivered) == [*at(39, PROSE), "", "", *at(39, MORE_PROSE)]


def test_a_line_behind_which_the_next_word_would_have_fitted_ends_there():
    refrain = ["Cuatro expertos.", "Cuatro informes perfectos.", "Un pueblo sin agua."]

    assert reflowed_lines([*at(42, PROSE), "", *refrain]) == [*at(39, PROSE), "", *refrain]


def test_verse_beside_prose_keeps_its_lines():
    delivered = [*at(42, PROSE), "", *VERSE, "", *at(42, MORE_PROSE)]

    assert reflowed_lines(delivered) == [*at(39, PROSE), "", *VERSE, "", *at(39, MORE_PROSE)]


def test_verse_keeps_its_lines_where_a_page_ends_within_it():
    pages = [[*at(42, PROSE), "", VERSE[0]], [*VERSE[1:], "", *at(42, MORE_PROSE)]]

    expected = [*at(39, PROSE), "", *VERSE, "", *at(39, MORE_PROSE)]
    assert reflowed_lines(*pages) == expected


def test_one_line_that_runs_over_does_not_hide_the_width_of_the_others():
    run_over = "Una sola línea que el autor dejó correr mucho más allá de su margen."
    delivered = [*at(42, PROSE), "", run_over, *at(42, MORE_PROSE)]

    expected = [*at(39, PROSE), "", *at(39, f"{run_over} {MORE_PROSE}")]
    assert reflowed_lines(delivered) == expected


@pytest.mark.parametrize(
    "following, laid_out",
    [
        pytest.param("cc dd", ["a" * 30, f"{'b' * 9} cc dd"], id="43 columns: the editor's"),
        pytest.param("c dd", ["a" * 30, "b" * 9, "c dd"], id="42 columns: the author's"),
    ],
)
def test_a_break_is_the_editors_only_if_the_next_word_would_not_have_fitted(following, laid_out):
    full = f"{'a' * 30} {'b' * 9}"

    assert reflowed_lines([*at(42, PROSE), "", full, following])[-len(laid_out) :] == laid_out


def test_accents_count_as_a_reader_sees_them():
    def decompose(lines):
        return [unicodedata.normalize("NFD", line) for line in lines]

    assert reflowed_lines(decompose(at(42, PROSE))) == decompose(at(39, PROSE))


def test_pages_one_and_two_are_untouched():
    assert reflow([*OPENING, at(42, PROSE)])[:2] == OPENING


@pytest.mark.parametrize("pages", [[], [["uno"]], [["uno"], ["dos"]]])
def test_a_text_without_a_third_page_is_untouched(pages):
    assert reflow(pages) == pages


@pytest.mark.parametrize("pages", DELIVERED, ids=[text["Id"] for text in FIXTURE["texts"]])
def test_the_training_texts_are_left_without_orphan_words(pages):
    """Wrapped line by line, every other line would be a single word."""
    assert share_of_single_words(normalise(pages)) > 0.25
    assert share_of_single_words(reflow(pages)) < 0.06


@pytest.mark.parametrize("pages", DELIVERED, ids=[text["Id"] for text in FIXTURE["texts"]])
def test_a_word_of_the_training_texts_stands_alone_only_where_a_paragraph_ends(pages):
    lines = [line for page in reflow(pages)[2:] for line in page]

    assert all(
        len(line.split()) != 1 or not following or line in words_alone(pages)
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
    )


def words_alone(pages):
    return [line for page in pages for line in page if len(line.split()) == 1]


DIGITS = str.maketrans({"1": "a\u0301", "2": "n\u0303", "4": " ", "5": " ", "6": " "})
lines = st.text("aeñ¿,.12456", max_size=60).map(lambda text: text.translate(DIGITS))
texts = st.lists(st.lists(lines, max_size=10), max_size=5)
prose = st.lists(st.text("aeiouñ", min_size=1, max_size=11), min_size=40, max_size=80).map(" ".join)


@given(texts)
def test_no_letter_is_lost_added_or_moved(pages):
    assert "".join(words_of(reflow(pages))) == "".join(words_of(pages))


@given(texts)
def test_the_words_of_pages_three_on_stay_in_order(pages):
    fitting = [
        [line for line in page if max(map(len, line.split()), default=0) <= 39] for page in pages
    ]

    assert words_of(reflow(fitting)) == words_of(fitting)


@given(texts)
def test_what_is_reflowed_is_as_the_normaliser_leaves_it(pages):
    reflowed = reflow(pages)

    assert normalise(reflowed) == reflowed


@given(prose, st.integers(min_value=40, max_value=80), st.integers(min_value=1, max_value=12))
def test_prose_of_any_width_and_page_length_is_filled_line_by_line(text, columns, page_length):
    pages = in_pages_of(page_length, at(columns, text))

    assert reflowed_lines(*pages) == at(39, text)

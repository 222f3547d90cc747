"""Numbers as Spanish spells them, without accents."""

from toastclub.folding import words_of

_UNITS = words_of("uno dos tres cuatro cinco seis siete ocho nueve")
_TEENS = words_of("diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve")
_TWENTIES = words_of(
    "veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho "
    "veintinueve"
)
_TENS = words_of("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa")


def _spelt() -> dict[int, list[str]]:
    """From 11 on: smaller ones are ordinary words."""
    spelt = {10 + unit: [word] for unit, word in enumerate(_TEENS) if unit}
    for ten, word in enumerate(_TENS, start=2):
        spelt[10 * ten] = [word]
        spelt |= {10 * ten + n: [f"{word} y {unit}"] for n, unit in enumerate(_UNITS, start=1)}
    for unit, word in enumerate(_TWENTIES, start=1):
        spelt[20 + unit].append(word)
    small = dict(enumerate([*_UNITS, *_TEENS, "veinte"], start=1))
    spelt[100] = ["cien"]
    return spelt | {100 + n: [f"ciento {word}"] for n, word in small.items()}


SPELT = _spelt()  # from 11 to 120
NUMBER_WORDS = {spelling.split()[0] for spellings in SPELT.values() for spelling in spellings}


def is_spelt_in(spelling: str, text: str) -> bool:
    """Whether the folded text may have it."""
    return spelling.split()[0].removesuffix("o") in text


def spelling_pattern(spelling: str) -> str:
    """Of a regular expression. Before a noun, "uno" is "un" or "una"."""
    pattern = r"[\s-]*".join("[yi]" if word == "y" else word for word in spelling.split())
    return f"{pattern.removesuffix('uno')}un[oa]?" if pattern.endswith("uno") else pattern

from collections.abc import Sequence
from typing import Any

from django import forms

from dataset.people.finding import names_in
from dataset.people.holdings import CHOSEN_AT_MOST
from sessions_app.models import Session
from toastclub.identifiers import parse_id
from toastclub.spelling import plain

WORD = "BORRAR"
LONGEST_SEARCH = 254  # as long as an e-mail may be


class SearchForm(forms.Form):
    q = forms.CharField(
        label="Nombre, correo o código",
        min_length=2,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(
            {
                "class": "tc-input",
                "enterkeyhint": "search",
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class ConfirmationForm(forms.Form):
    """Holds good only if somebody has typed who or what is to go."""

    confirmation = forms.CharField(
        label="Escríbelo para confirmar",
        widget=forms.TextInput({"class": "tc-input", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Escribe lo que se pide. No se ha borrado nada."},
    )

    def __init__(self, sessions: Sequence[Session], *args: Any) -> None:
        super().__init__(*args)
        self.wanted = wanted_for(sessions)

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if plain(typed) != plain(self.wanted):
            raise forms.ValidationError("No es lo que se pide. No se ha borrado nada.")
        return typed


def wanted_for(sessions: Sequence[Session]) -> str:
    """What has to be typed: the person's name, if all the sessions have the same one."""
    names = names_in(sessions)
    return names[0] if len(names) == 1 else WORD


def numbers_in(written: Sequence[str]) -> list[int]:
    """The numbers of sessions in an address, each once; what is no number is left out."""
    numbers = [number for each in written if (number := parse_id(each)) is not None]
    return list(dict.fromkeys(numbers))[:CHOSEN_AT_MOST]

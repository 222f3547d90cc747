"""The form that starts a session, under the rules of the API's serializer."""

import re
from typing import Any

from django import forms

from accounts.models import User
from sessions_app.models import EDAD_MAX, EDAD_MIN, NOMBRE_MAX_LENGTH, Session
from sessions_app.serializers import DESCRIPTION_MAX_LENGTH, NewSessionSerializer
from training.models import Text

STALE = "Este formulario no está completo: ábrelo de nuevo y vuelve a enviarlo."
NO_TEXT = "Elige un texto de la lista."
_DIGITS = re.compile(r"\s*[0-9]{1,9}\s*")


class _Given(forms.Field):
    """What was typed, as it is: the serializer judges it."""

    def __init__(self, label: str, widget: forms.Widget, **options: Any) -> None:
        widget.attrs |= {"class": "tc-input", "autocomplete": "off"}
        super().__init__(label=label, widget=widget, required=False, **options)

    def clean(self, value: Any) -> str:
        return value or ""


class NewSessionForm(forms.Form):
    # One for each time the form is opened, so that sending it twice starts one session.
    form_token = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": STALE, "invalid": STALE}
    )
    texto_seleccionado_id = _Given("texto", forms.RadioSelect())
    nombre = _Given("nombre", forms.TextInput({"maxlength": NOMBRE_MAX_LENGTH, "required": True}))
    edad_aproximada = _Given(
        "edad aproximada", forms.NumberInput({"min": EDAD_MIN, "max": EDAD_MAX})
    )
    email_opcional = _Given("correo electrónico", forms.EmailInput())
    title = _Given("título de la sesión", forms.TextInput({"maxlength": 200}))
    description = _Given(
        "descripción", forms.Textarea({"rows": 2, "maxlength": DESCRIPTION_MAX_LENGTH})
    )

    def clean(self) -> dict[str, Any]:
        serializer = NewSessionSerializer(data=self._body())
        if not serializer.is_valid():
            self._add_faults(dict(serializer.errors))
            return self.cleaned_data
        new = dict(serializer.validated_data)
        new["text"] = Text.objects.filter(pk=new.pop("texto_seleccionado_id")).first()
        if new["text"] is None:
            self.add_error("texto_seleccionado_id", NO_TEXT)
        return {**self.cleaned_data, "new": new}

    def start(self, user: User) -> tuple[Session, bool]:
        """The session that this form starts, and whether it did so now."""
        new = dict(self.cleaned_data["new"])
        participant = new.pop("datos_participante")
        started: tuple[Session, bool] = Session.objects.start_once(
            self.cleaned_data["form_token"], user=user, participant=participant, **new
        )
        return started

    def _body(self) -> dict[str, Any]:
        """What was typed, as the API would get it."""
        age = self.cleaned_data["edad_aproximada"]
        return {
            "texto_seleccionado_id": self.cleaned_data["texto_seleccionado_id"],
            "title": self.cleaned_data["title"],
            "description": self.cleaned_data["description"],
            "datos_participante": {
                "nombre": self.cleaned_data["nombre"],
                "edad_aproximada": int(age) if _DIGITS.fullmatch(age) else age,
                "email_opcional": self.cleaned_data["email_opcional"],
            },
        }

    def _add_faults(self, errors: dict[str, Any]) -> None:
        """Says at each field what the serializer says of it."""
        if errors.pop("texto_seleccionado_id", None):
            self.add_error("texto_seleccionado_id", NO_TEXT)
        for name, faults in {**errors.pop("datos_participante", {}), **errors}.items():
            self.add_error(name, [str(fault) for fault in faults])

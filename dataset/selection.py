"""Which part of the dataset is wanted: the same filters for listing, export, command and admin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from recordings.choices import Revision
from recordings.models import Recording
from sessions_app.choices import Estado
from sessions_app.models import Session
from toastclub.filters import MomentField, StrictBooleanField, from_moment, until_moment
from training.models import Text, TextTag, fold

TAG_PREFIX = "tag."
IDENTIFIABLE = "identificables"  # of an export alone: whether it says who took part
YES_OR_NO = [("", "Todas"), ("true", "Sí"), ("false", "No")]


@dataclass(frozen=True)
class Selection:
    """Sessions, and which of their recordings count."""

    sessions: QuerySet[Session]
    recordings: QuerySet[Recording]
    filters: dict[str, str] = field(default_factory=dict)  # as they were asked for


class SelectionForm(forms.Form):
    """The filters. Of tags, which are many, only those that are asked for are fields."""

    estado = forms.ChoiceField(
        label="Estado de la sesión", choices=[("", "Todos"), *Estado.choices], required=False
    )
    desde = MomentField(
        label="Desde", required=False, help_text="Fecha u hora en que se creó la sesión."
    )
    hasta = MomentField(label="Hasta", required=False, help_text="Ese día o esa hora incluidos.")
    texto = forms.CharField(label="Texto", required=False, help_text="El Id de un texto.")
    con_audio = StrictBooleanField(
        label="Con audio", required=False, widget=forms.Select(choices=YES_OR_NO)
    )
    avisos = StrictBooleanField(
        label="Con avisos",
        required=False,
        widget=forms.Select(choices=YES_OR_NO),
        help_text="Solo las grabaciones con algún aviso, o solo las que no tienen ninguno.",
    )
    revision = forms.ChoiceField(
        label="Revisión",
        choices=[("", "Todas"), *Revision.choices],
        required=False,
        help_text="Solo las grabaciones en ese estado de revisión.",
    )

    def clean_texto(self) -> str:
        text_id: str = self.cleaned_data["texto"]
        if text_id and not Text.objects.filter(pk=text_id).exists():
            raise forms.ValidationError(_("No hay ningún texto con ese Id."))
        return text_id


def everything() -> Selection:
    return Selection(Session.objects.all(), Recording.objects.all())


def select(asked: Mapping[str, Sequence[str]]) -> Selection:
    """What those filters leave, all of which must hold; each with the values given to it.

    A filter without a value is none. `ValidationError` names one that is unknown, given twice or
    has a value that cannot be read or that nothing has.
    """
    single = {name: _single(name, values) for name, values in asked.items()}
    filters = {name: value for name, value in single.items() if value.strip()}
    tags = {name: value for name, value in filters.items() if name.startswith(TAG_PREFIX)}
    form = SelectionForm({name: value for name, value in filters.items() if name not in tags})
    _refuse_unknown(set(asked) - set(form.fields) - {name for name in asked if _is_tag(name)})
    if not form.is_valid():
        raise ValidationError(
            {name: [str(message) for message in messages] for name, messages in form.errors.items()}
        )
    recordings = _recordings(form.cleaned_data)
    sessions = _with_tags(_sessions(form.cleaned_data, recordings), tags)
    if set(filters) - _of_recordings_alone(form.cleaned_data):
        recordings = recordings.filter(session__in=sessions.order_by().values("pk"))
    return Selection(sessions, recordings, filters)


def _of_recordings_alone(wanted: dict[str, Any]) -> set[str]:
    """The filters that choose sessions by their recordings, which are all chosen then.

    It need not be asked of each recording whether its session is chosen.
    """
    return {"avisos", "revision"} | ({"con_audio"} if wanted["con_audio"] else set())


def read_flag(name: str, values: Sequence[str]) -> bool:
    """Whether that parameter of a query says yes; `ValidationError` if it says neither."""
    try:
        return bool(StrictBooleanField(required=False).clean(_single(name, values)))
    except forms.ValidationError as error:
        raise ValidationError({name: error.messages}) from error


def _single(name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise ValidationError({name: [_("El filtro se repite: solo puede darse una vez.")]})
    if "\0" in name + values[0]:
        raise ValidationError({name: [ProhibitNullCharactersValidator.message]})
    return values[0]


def _is_tag(name: str) -> bool:
    return len(name) > len(TAG_PREFIX) and name.startswith(TAG_PREFIX)


def _refuse_unknown(names: set[str]) -> None:
    if names:
        known = ", ".join([*SelectionForm.base_fields, f"{TAG_PREFIX}<clave>"])
        message = _("No existe ese filtro. Los que hay son: %(known)s.") % {"known": known}
        raise ValidationError({name: [message] for name in sorted(names)})


def _recordings(wanted: dict[str, Any]) -> QuerySet[Recording]:
    recordings: QuerySet[Recording] = Recording.objects.all()
    if wanted["avisos"]:
        recordings = recordings.exclude(avisos=[])
    elif wanted["avisos"] is not None:
        recordings = recordings.filter(avisos=[], is_processed=True)  # of others nobody knows yet
    if wanted["revision"]:
        recordings = recordings.filter(review_state=wanted["revision"])
    return recordings


def _sessions(wanted: dict[str, Any], recordings: QuerySet[Recording]) -> QuerySet[Session]:
    sessions: QuerySet[Session] = Session.objects.all()
    if wanted["estado"]:
        sessions = sessions.filter(estado=wanted["estado"])
    if wanted["texto"]:
        sessions = sessions.filter(text_id=wanted["texto"])
    sessions = from_moment(sessions, "created_at", wanted["desde"])
    sessions = until_moment(sessions, "created_at", wanted["hasta"])
    has_recording = Exists(recordings.filter(session=OuterRef("pk")).order_by())
    if wanted["con_audio"] is not None:
        sessions = sessions.filter(has_recording if wanted["con_audio"] else ~has_recording)
    if wanted["avisos"] is not None or wanted["revision"]:
        sessions = sessions.filter(has_recording)
    return sessions


def _with_tags(sessions: QuerySet[Session], tags: dict[str, str]) -> QuerySet[Session]:
    """Those whose text had all of these tags when it was read."""
    if not tags:
        return sessions
    read = list(Session.objects.order_by().values_list("text_tags", flat=True).distinct())
    for name, value in tags.items():
        key = name.removeprefix(TAG_PREFIX)
        matching = [text_tags for text_tags in read if _has_tag(text_tags, key, value)]
        if not matching and not _is_known_tag(key, value):
            raise ValidationError({name: [_("Ningún texto tiene esa etiqueta con ese valor.")]})
        sessions = sessions.filter(text_tags__in=matching)
    return sessions


def _has_tag(text_tags: dict[str, str], key: str, value: str) -> bool:
    return key in text_tags and fold(text_tags[key]) == fold(value)


def _is_known_tag(key: str, value: str) -> bool:
    return TextTag.objects.filter(key=key, folded_value=fold(value)).exists()

"""The dataset as Hugging Face's `datasets` reads it, with a description for other programs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dataset.columns import HEARD_TAKE, IDENTITY, Column, Kind, Table
from dataset.croissant import croissant_json
from dataset.identities import Pseudonyms
from dataset.layouts import AUDIO_FOLDER, Layout
from dataset.tables import Gathering
from recordings.models.recording import extension_of
from toastclub import __version__

if TYPE_CHECKING:
    from dataset.package import Package

METADATA = "metadata"
CROISSANT = "croissant.json"


class AudiofolderLayout(Layout):
    form = "audiofolder"
    audio_name = re.compile(r"[0-9]+\.[a-z0-9]{1,8}")

    def audio_path(
        self, *, session_code: str, recording_id: int, key: str, pseudonyms: Pseudonyms
    ) -> str:
        """Without the session's code: `datasets` takes a "dev" in it for the name of a split."""
        return f"{AUDIO_FOLDER}/{recording_id}.{extension_of(key)}"

    def tables(self, gathering: Gathering) -> Iterator[Table]:
        yield Table(METADATA, _columns(gathering.is_identifiable), gathering.heard)

    def documents(self, package: "Package") -> Iterator[tuple[str, Iterable[bytes]]]:
        metadata = next(file for file in package.written if file.path == f"{METADATA}.csv")
        croissant = croissant_json(
            table=metadata.path,
            sha256=metadata.sha256,
            columns=_columns(package.is_identifiable),
            audio=f"{AUDIO_FOLDER}/*",
            version=".".join(__version__.split(".")[:3]),  # Croissant wants three numbers
            moment=package.moment,
        )
        yield CROISSANT, [croissant]


def _columns(is_identifiable: bool) -> list[Column]:
    return [_never_empty(column) for column in [*HEARD_TAKE, *(IDENTITY * is_identifiable)]]


def _never_empty(column: Column) -> Column:
    """`datasets` takes a text column of which the first 10,000 cells are empty for numbers."""
    if column.kind is not Kind.TEXT:
        return column

    def known(row: Any) -> Any:
        return column.value(row) or column.absent

    meaning = f"{column.meaning}; «{column.absent}» en vez de vacío"
    return replace(column, value=known, meaning=meaning)

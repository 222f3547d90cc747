"""The dataset as Hugging Face's `datasets` reads it, with a description for other programs."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dataset.columns import HEARD_TAKE, IDENTITY, Table
from dataset.croissant import croissant_json
from dataset.layouts import AUDIO_FOLDER, Layout
from dataset.tables import Gathering
from toastclub import __version__

if TYPE_CHECKING:
    from dataset.package import Package

METADATA = "metadata"
CROISSANT = "croissant.json"


class AudiofolderLayout(Layout):
    form = "audiofolder"

    def tables(self, gathering: Gathering) -> Iterator[Table]:
        yield Table(METADATA, [*HEARD_TAKE, *gathering.identity()], gathering.heard)

    def documents(self, package: "Package") -> Iterator[tuple[str, Iterable[bytes]]]:
        metadata = next(file for file in package.written if file.path == f"{METADATA}.csv")
        identity = IDENTITY if package.is_identifiable else []
        croissant = croissant_json(
            table=metadata.path,
            sha256=metadata.sha256,
            columns=[*HEARD_TAKE, *identity],
            audio=f"{AUDIO_FOLDER}/*",
            version=__version__,
            moment=package.moment,
        )
        yield CROISSANT, [croissant]

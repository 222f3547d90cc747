"""The forms in which the dataset leaves: which tables, and what the files are called."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dataset.columns import Table
from dataset.csv_tables import csv_lines
from dataset.identities import Pseudonyms
from dataset.spool import Spool
from dataset.tables import Gathering, contract_tables
from recordings.models.recording import download_name_of
from toastclub import __version__

if TYPE_CHECKING:
    from dataset.package import Package

AUDIO_FOLDER = "audios"


class Layout:
    """The contract's: two tables as CSV, and audio that is named by session and recording."""

    form = "csv"
    suffix = "csv"
    software_version = __version__
    # What audio is called in its folder: what else lies there is somebody else's.
    audio_name = re.compile(r"[A-Za-z0-9_-]+__[0-9]+\.[a-z0-9]{1,8}")
    further_tables: Sequence[Table] = ()  # described as the others are, and written later

    def audio_path(
        self, *, session_code: str, recording_id: int, key: str, pseudonyms: Pseudonyms
    ) -> str:
        """Where a recording's audio lies, whose object in the store has that key."""
        return f"{AUDIO_FOLDER}/{download_name_of(session_code, recording_id, key)}"

    def recording_name(self, number: int, pseudonyms: Pseudonyms) -> int | str:
        """What the manifest calls a recording whose audio is left out."""
        return number

    def tables(self, gathering: Gathering) -> Iterable[Table]:
        return contract_tables(gathering)

    def write(self, table: Table, spool: Spool) -> None:
        spool.write_all(csv_lines(table))

    def note(self, gathering: Gathering) -> None:
        """Sees once more what the tables were made of, while the snapshot is open."""

    def documents(self, package: "Package") -> Iterator[tuple[str, Iterable[bytes]]]:
        """Further files, each as its path and its bytes, that are made once the tables are."""
        return iter(())

    def facts(self) -> dict[str, Any]:
        """What the manifest says besides."""
        return {}

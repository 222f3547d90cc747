"""The export that analysts ask for: who may, what is noted of it, and what is sent."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import AccessKind
from accounts.models import AccessRecord, User
from dataset.archive import archive, archive_size
from dataset.files import AudioFile
from dataset.layouts import Layout
from dataset.package import Package, packed
from dataset.rows import ROWS_AT_A_TIME
from dataset.selection import Selection
from toastclub.clients import Waiting
from toastclub.connections import release_connection
from toastclub.errors import RETRY_AFTER_SECONDS, ToastClubError
from toastclub.locks import slot
from toastclub.streams import Begun

AT_ONCE = 2  # exports that an analyst may have running


class TooManyExports(ToastClubError):
    status_code = HTTPStatus.TOO_MANY_REQUESTS
    message = _("Ya tienes dos exportaciones en curso. Espera a que termine una.")
    retry_after = RETRY_AFTER_SECONDS


@dataclass(frozen=True)
class Recipient:
    """Who gets an export, and where: an analyst, or nobody but the server for a command."""

    user: User | None = None
    address: str = ""


@dataclass(frozen=True)
class Sending:
    """An export on its way: the name of its file, its length, and its bytes."""

    name: str
    size: int
    pieces: Begun[bytes]


def export_name(now: datetime | None = None) -> str:
    return timezone.localtime(now).strftime("dataset_export_%Y%m%d_%H%M.zip")


def send_export(
    selection: Selection,
    recipient: Recipient,
    waiting: Waiting,
    *,
    is_identifiable: bool = False,
) -> Sending:
    """The contract's ZIP, for an analyst who has no more than one other under way.

    Raises `TooManyExports`, or `StoreUnavailable`.
    """
    with ExitStack() as resources:
        resources.enter_context(_place(recipient))
        package = resources.enter_context(
            packed(selection, Layout(), is_identifiable=is_identifiable, waiting=waiting)
        )
        note_access(package, recipient)
        size = archive_size(package)
        pieces = _sent(package, recipient, resources.pop_all())
        return Sending(export_name(package.moment), size, Begun(pieces))


def measured_export(
    selection: Selection, recipient: Recipient, waiting: Waiting, *, is_identifiable: bool = False
) -> Sending:
    """What an export would be, of which nothing is sent, and so nothing noted.

    Raises what `send_export` does.
    """
    with (
        _place(recipient),
        packed(selection, Layout(), is_identifiable=is_identifiable, waiting=waiting) as package,
    ):
        nothing = Begun(iter([b""]))
        return Sending(export_name(package.moment), archive_size(package), nothing)


def note_access(package: Package, recipient: Recipient) -> None:
    AccessRecord.objects.note(
        AccessKind.IDENTIFIABLE if package.is_identifiable else AccessKind.EXPORT,
        by=recipient.user,
        address=recipient.address,
        filters=package.selection.filters,
        sessions=package.counts["sessions"],
        recordings=package.counts["recordings"],
    )


def noted(audio: Iterable[AudioFile], recipient: Recipient) -> Iterator[AudioFile]:
    """The same files, each noted as downloaded before its first byte is read."""
    files = iter(audio)
    while batch := list(islice(files, ROWS_AT_A_TIME)):
        AccessRecord.objects.note_recordings(
            AccessKind.EXPORTED,
            [(file.session_id, file.recording_id) for file in batch],
            by=recipient.user,
            address=recipient.address,
        )
        release_connection()
        yield from batch


@contextmanager
def _place(recipient: Recipient) -> Iterator[None]:
    with slot(f"export {recipient.user}", of=AT_ONCE) as came:
        if not came:
            raise TooManyExports
        yield


def _sent(package: Package, recipient: Recipient, resources: ExitStack) -> Iterator[bytes]:
    with resources:
        release_connection()
        audio = noted(package.audio(), recipient)
        yield from archive(package, audio)

"""What becomes of a store that fails, is slow, or has not what is asked for."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from threading import Event
from typing import TypeVar

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.translation import gettext_lazy as _

from recordings.pace import pace_of_answer
from toastclub.errors import ServiceUnavailable

T = TypeVar("T")

logger = logging.getLogger(__name__)

ATTEMPTS = 3
PAUSE_SECONDS = 0.5  # before the second attempt, and twice as long before the third
_NOT_THERE = ("404", "NoSuchKey", "NoSuchUpload")


class StoreUnavailable(ServiceUnavailable):
    message = _("El almacén de audio no está disponible. Vuelve a intentarlo en unos segundos.")


def persevering(call: Callable[[], T], *, stopped: Event | None = None) -> T:
    """What the call returns: what takes long may take three attempts, unless it is stopped."""
    stopped = stopped or Event()
    for attempt in range(1, ATTEMPTS):
        with contextlib.suppress(StoreUnavailable):
            return call()
        if stopped.wait(PAUSE_SECONDS * attempt):
            raise StoreUnavailable
    return call()


@contextlib.contextmanager
def reporting_outages(*passing: type[Exception]) -> Iterator[None]:
    """Turns every error of the store into `StoreUnavailable`, but those that are to pass."""
    try:
        yield
    except passing:
        raise
    except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
        logger.warning("The store is unavailable: %s", _kind_of(error))
        raise StoreUnavailable from error


def _kind_of(error: Exception) -> str:
    """Its class and the store's code: its message may name keys and addresses."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    return f"{type(error).__name__} {code}".strip()


@contextlib.contextmanager
def asking(*passing: type[Exception]) -> Iterator[None]:
    """Reports outages, and waits for the store's answer no longer than its client has patience."""
    with reporting_outages(*passing), pace_of_answer().waiting():
        yield


@contextlib.contextmanager
def finding() -> Iterator[None]:
    """Asks, with `FileNotFoundError` for what is not there; all else is `StoreUnavailable`."""
    with asking(FileNotFoundError):
        try:
            yield
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                raise FileNotFoundError from error
            raise

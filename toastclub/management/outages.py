"""What a command says when the database or the store is away."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from toastclub.errors import ToastClubError

logger = logging.getLogger(__name__)


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """Turns the project's own errors, and a database that is gone, into `CommandError`."""
    try:
        yield
    except ToastClubError as error:
        raise CommandError(error.detail) from error
    except (OperationalError, InterfaceError) as error:
        logger.error("The database is unavailable: %s", error)
        raise CommandError("La base de datos no está disponible: inténtalo más tarde.") from error

"""A pytest plugin: the database that the suite runs on, before Django reads its settings.

`TEST_DATABASE` is `postgresql` (the default) or `sqlite`. Nothing else of the caller's
configuration reaches the tests.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from toastclub.environment import Environment

MEMORY = Path("/dev/shm")  # on Linux
ROOM = 4 * 2**30  # bytes that must be free there

_resources = contextlib.ExitStack()


def _use_memory() -> None:
    """Keeps databases, stores and files in memory where there is room: a disk is waited for."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _isolate() -> None:
    for name in Environment.model_fields:
        os.environ.pop(name.upper(), None)
    folder = _resources.enter_context(tempfile.TemporaryDirectory(prefix="toastclub-test-"))
    os.environ["TOASTCLUB_DATA_DIR"] = folder


def _start_database() -> None:
    if os.environ.get("TEST_DATABASE", "postgresql") == "postgresql":
        from toastclub.testing.services import postgres

        os.environ["DATABASE_URL"] = _resources.enter_context(postgres())


# Workers of pytest-xdist inherit what their controller has started.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _use_memory()
    _isolate()
    _start_database()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with what takes longest, so that no process is busy with it when all others are done.

    pytest-django would put it last, for what needs a database of its own comes there.
    """
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)


def pytest_unconfigure(config: Any) -> None:
    _resources.close()

"""Files that hold a voice for as long as a process works on it, and not a moment longer.

Their process holds a lock on them, which the system takes away when the process dies however it
dies: what nobody holds has been left behind. Nothing here needs Django, so that the server can
sweep before it loads the application.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def making(folder: Path) -> Iterator[None]:
    """Keeps the folder from being swept while a file is made in it and claimed."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


def claimed_file(folder: Path, *, delete: bool = True) -> Any:
    """A new private file of this process's, deleted when it is closed."""
    with making(folder):
        file = tempfile.NamedTemporaryFile(  # noqa: SIM115  # whoever asked for it closes it
            dir=folder, delete=delete
        )
        claim(file)
    return file


def claim(file: Any) -> None:
    """Marks an open file as this process's own, until it is closed."""
    fcntl.flock(file.fileno(), fcntl.LOCK_EX)


def sweep_all(data_dir: Path) -> int:
    """Sweeps all folders in which such files are."""
    return sweep(data_dir / "uploads", data_dir / "audio" / "incoming")


def sweep(*folders: Path) -> int:
    """Deletes the files that no living process has claimed, and says how many."""
    return sum(_sweep(folder) for folder in folders if folder.is_dir())


def _sweep(folder: Path) -> int:
    with _locked(folder, fcntl.LOCK_EX):
        return sum(_delete_unclaimed(file) for file in folder.iterdir() if file.is_file())


@contextlib.contextmanager
def _locked(folder: Path, kind: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def _delete_unclaimed(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
        return True
    return False

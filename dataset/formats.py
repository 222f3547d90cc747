"""The formats of `export_dataset`, by the names that the command knows them by."""

import sys
from importlib import import_module

from dataset.layouts import Layout
from toastclub.errors import ToastClubError

ZIP = "zip"
_LAYOUTS = {
    ZIP: ("dataset.layouts", "Layout"),
    "dir": ("dataset.layouts", "Layout"),
    "parquet": ("dataset.parquet", "ParquetLayout"),
    "audiofolder": ("dataset.audiofolder", "AudiofolderLayout"),
}
FORMATS = tuple(_LAYOUTS)


class LibraryMissing(ToastClubError):
    message = (
        "Para el formato %(format)s falta la biblioteca %(library)s: "
        "%(python)s -m pip install -r requirements-export.txt"
    )

    def __init__(self, name: str, library: str) -> None:
        said = {"format": name, "library": library, "python": sys.executable}
        super().__init__(self.message % said)


def layout_of(name: str) -> Layout:
    """The layout of that format; `LibraryMissing` if it needs one that is not installed."""
    module, layout = _LAYOUTS[name]
    try:
        made: Layout = getattr(import_module(module), layout)()
    except ModuleNotFoundError as error:
        raise LibraryMissing(name, str(error.name)) from error
    return made

"""`python -m showcase [FOLDER]`: photographs every page of the back office, with made-up data."""

import argparse
import os
import tempfile
from pathlib import Path

from toastclub.environment import Environment


def main() -> None:
    parser = argparse.ArgumentParser(prog="showcase", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("screenshots"))
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory(prefix="toastclub-showcase-") as data_dir:
        _set_up(data_dir)
        from showcase.album import photograph_all  # needs Django

        photograph_all(folder)


def _set_up(data_dir: str) -> None:
    """Django, on data of its own and with nothing else of the caller's configuration."""
    for name in Environment.model_fields:
        os.environ.pop(name.upper(), None)
    os.environ["TOASTCLUB_DATA_DIR"] = data_dir
    os.environ["DJANGO_SETTINGS_MODULE"] = "toastclub.settings"
    import django

    django.setup()


if __name__ == "__main__":
    main()

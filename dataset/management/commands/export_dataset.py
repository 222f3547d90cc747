from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from dataset.export import export_name, export_size, export_zip


class Command(BaseCommand):
    help = "Escribe el mismo ZIP que GET /dataset/export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            default=Path(),
            metavar="PATH",
            help="archivo, o carpeta en la que se crea dataset_export_AAAAMMDD_HHMM.zip",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["output"]
        if target.is_dir():
            target = target / export_name()
        partial = target.with_name(f"{target.name}.part")
        try:
            self._write(partial)
            partial.replace(target)
        except OSError as error:
            raise CommandError(f"{target}: no se puede escribir ({error.strerror}).") from error
        finally:
            partial.unlink(missing_ok=True)
        self.stdout.write(f"{target}: {target.stat().st_size} bytes")

    def _write(self, path: Path) -> None:
        """Writes to a file that only gets its name when it is whole."""
        with (
            path.open("wb") as file,
            tqdm(total=export_size(), unit="B", unit_scale=True, file=self.stderr) as progress,
        ):
            for chunk in export_zip():
                file.write(chunk)
                progress.update(len(chunk))

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from dataset.export import export_name, export_size, export_zip
from toastclub.management.outages import told_in_a_line


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
        try:
            with told_in_a_line():
                target = self._write(options["output"])
        except OSError as error:
            raise CommandError(
                f"{options['output']}: no se puede escribir ({error.strerror})."
            ) from error
        self.stdout.write(f"{target}: {target.stat().st_size} bytes")

    def _write(self, output: Path) -> Path:
        """Writes to a file that only gets its name when it is whole."""
        target = output / export_name() if output.is_dir() else output
        partial = target.with_name(f"{target.name}.part")
        file = partial.open("wb")
        try:
            with (
                file,
                tqdm(total=export_size(), unit="B", unit_scale=True, file=self.stderr) as progress,
            ):
                for chunk in export_zip():
                    file.write(chunk)
                    progress.update(len(chunk))
            return partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

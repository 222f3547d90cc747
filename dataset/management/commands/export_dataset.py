import errno
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import ValidationError
from tqdm import tqdm

from dataset.archive import archive, archive_size
from dataset.export import Recipient, export_name, note_access, noted
from dataset.folder import ExportKind, Noted, claimed, whole_file, write_folder
from dataset.formats import FORMATS, ZIP, layout_of
from dataset.package import Package, packed
from dataset.selection import TAG_PREFIX, Selection, SelectionForm, select
from recordings.choices import Revision
from sessions_app.choices import Estado
from toastclub.management.outages import told_in_a_line

YES_OR_NO = ("true", "false")
INTERRUPTED = "Interrumpida. Una carpeta sigue donde estaba si se repite la orden."
WHY = {
    errno.ENOENT: "no existe la carpeta",
    errno.EEXIST: "ya hay un archivo con ese nombre",
    errno.ENOTDIR: "una de las carpetas es un archivo",
    errno.EISDIR: "es una carpeta",
    errno.EACCES: "falta permiso",
    errno.EROFS: "el disco es de solo lectura",
    errno.ENOSPC: "no queda espacio",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.ELOOP: "es un enlace",
}


class Command(BaseCommand):
    help = (
        "Exporta el dataset: el mismo ZIP que GET /dataset/export, o una carpeta. Una carpeta que "
        "quedó a medias sigue donde estaba si se repite la orden."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            default=Path(),
            metavar="PATH",
            help="zip: archivo, o carpeta en la que se crea dataset_export_AAAAMMDD_HHMM.zip; los "
            "demás formatos: la carpeta de la exportación",
        )
        parser.add_argument(
            "--format", choices=FORMATS, default="zip", help="zip si no se dice otro"
        )
        parser.add_argument("--estado", choices=Estado.values, help="estado de la sesión")
        parser.add_argument("--desde", help="fecha u hora de creación de la sesión, incluida")
        parser.add_argument("--hasta", help="fecha u hora de creación de la sesión, incluida")
        parser.add_argument("--texto", metavar="ID", help="Id del texto")
        parser.add_argument(
            "--tag",
            action="append",
            default=[],
            metavar="CLAVE=VALOR",
            help="etiqueta que tenía el texto; se puede repetir con otra clave",
        )
        parser.add_argument("--con-audio", choices=YES_OR_NO, help="con grabaciones, o sin ellas")
        parser.add_argument(
            "--avisos", choices=YES_OR_NO, help="solo grabaciones con avisos, o solo sin ellos"
        )
        parser.add_argument(
            "--revision", choices=Revision.values, help="solo grabaciones en ese estado de revisión"
        )
        parser.add_argument(
            "--identifiable",
            action="store_true",
            help="con nombres, correos y edades de los participantes; queda registrado",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="cuenta lo que se exportaría; no escribe"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path = options["output"]
        with told_in_a_line(), _telling_what_cannot_be_written(output):
            layout = layout_of(options["format"])
            selection = _selection(options)
            is_identifiable = options["identifiable"]
            prepared = packed(selection, layout, is_identifiable=is_identifiable)
            if options["dry_run"]:
                with prepared as package:
                    is_zip = options["format"] == ZIP
                    size = archive_size(package) if is_zip else package.content_size
                    self._report(package, "(simulación)", size)
            elif options["format"] == ZIP:
                with prepared as package:
                    self._write_zip(package, output)
            else:
                kind = ExportKind(layout.form, selection.filters, is_identifiable)
                with claimed(output, kind), prepared as package:
                    self._write_folder(package, output)

    def _write_zip(self, package: Package, output: Path) -> None:
        target = output / export_name(package.moment) if output.is_dir() else output
        if target.exists() and not target.is_file():
            raise CommandError(f"{target}: no es un archivo.")
        size = archive_size(package)
        audio = _noting(package)(package.audio())
        with whole_file(target) as file, self._progress(size) as progress:
            for chunk in archive(package, audio):
                file.write(chunk)
                progress.update(len(chunk))
        self._report(package, target, size)

    def _write_folder(self, package: Package, folder: Path) -> None:
        with self._progress(package.content_size) as progress:
            write_folder(package, folder, noted=_noting(package), progress=progress.update)
        self._report(package, folder, package.content_size)

    def _progress(self, size: int) -> Any:
        return tqdm(total=size, unit="B", unit_scale=True, file=self.stderr)

    def _report(self, package: Package, target: object, size: int) -> None:
        sessions, recordings = package.counts["sessions"], package.counts["recordings"]
        self.stdout.write(
            f"{target}: {size} bytes; sesiones: {sessions}; grabaciones: {recordings}"
        )
        if package.left_out:
            self.stdout.write(
                f"Grabaciones sin su audio (manifest.json dice por qué): {len(package.left_out)}"
            )


def _noting(package: Package) -> Noted:
    """Notes the export, and returns what notes each of its recordings."""
    recipient = Recipient()
    note_access(package, recipient)
    return partial(noted, recipient=recipient)


@contextmanager
def _telling_what_cannot_be_written(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = WHY.get(error.errno or 0, error.strerror)
        raise CommandError(f"{output}: no se puede escribir ({why}).") from error
    except KeyboardInterrupt as error:
        raise CommandError(INTERRUPTED) from error


def _selection(options: dict[str, Any]) -> Selection:
    asked = {
        name: [options[name]] for name in SelectionForm.base_fields if options[name] is not None
    }
    for tag in options["tag"]:
        key, _equals, value = tag.partition("=")
        if not key or not value:
            raise CommandError(f"--tag {tag}: se escribe CLAVE=VALOR.")
        asked.setdefault(f"{TAG_PREFIX}{key}", []).append(value)
    try:
        return select(asked)
    except ValidationError as error:
        faults: Any = error.detail
        name = next(iter(faults))
        option = name.replace(TAG_PREFIX, "tag ").replace("_", "-")
        raise CommandError(f"--{option}: {faults[name][0]}") from error

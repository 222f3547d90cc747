from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.models import Text
from training.services import InvalidTexts, document_in, import_texts, texts_in


class Command(BaseCommand):
    help = (
        "Importa textos de entrenamiento en JSON: los valida todos antes de escribir ninguno, "
        "e inserta, actualiza o deja igual cada uno según su Id."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--reflow",
            action="store_true",
            help="rehace los párrafos que cortó el editor del autor y los maqueta a 39 × 8",
        )
        parser.add_argument("--dry-run", action="store_true", help="valida y cuenta; no escribe")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = self._read_all(options["files"], options["reflow"])
        self._refuse_repetition(texts)
        result = import_texts(texts, dry_run=options["dry_run"])
        prefix = "(simulación) " if options["dry_run"] else ""
        self.stdout.write(
            f"{prefix}insertados: {len(result.inserted)}, "
            f"actualizados: {len(result.updated)}, sin cambios: {len(result.unchanged)}"
        )

    def _read_all(self, paths: list[Path], reflow: bool) -> list[Text]:
        texts: list[Text] = []
        faults: list[str] = []
        for path in paths:
            try:
                texts += self._read(path, reflow)
            except CommandError as error:
                faults.append(str(error))
        if faults:
            raise CommandError("\n".join(faults))
        return texts

    def _read(self, path: Path, reflow: bool) -> list[Text]:
        try:
            return texts_in(document_in(path.read_bytes()), reflow=reflow)
        except OSError as error:
            raise CommandError(f"{path}: no se puede leer ({error.strerror}).") from error
        except InvalidTexts as error:
            raise CommandError(f"{path}:\n{error}") from error

    def _refuse_repetition(self, texts: list[Text]) -> None:
        ids = [text.pk for text in texts]
        repeated = sorted({text_id for text_id in ids if ids.count(text_id) > 1})
        if repeated:
            raise CommandError(f"Id repetido en más de un archivo: {', '.join(repeated)}")

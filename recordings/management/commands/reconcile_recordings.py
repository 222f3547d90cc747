from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from recordings.reconciliation import Finding, Found, Reconciliation
from toastclub.management.outages import told_in_a_line


class Command(BaseCommand):
    help = (
        "Concilia las grabaciones con el almacén de audio: termina o descarta subidas "
        "interrumpidas, adopta audios sin grabación, marca grabaciones sin audio y cancela las "
        "subidas por partes que nadie terminó en un día. Se puede repetir, y ejecutar a la vez. "
        "Con --verbosity 2 nombra todo lo que encuentra."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--deep",
            action="store_true",
            help="lee todos los audios y comprueba que son los que llegaron",
        )
        parser.add_argument(
            "--delete-orphans",
            action="store_true",
            help="borra los audios de sesiones que no existen; sin esto, solo se cuentan",
        )
        parser.add_argument("--dry-run", action="store_true", help="cuenta; no cambia nada")

    def handle(self, *args: Any, **options: Any) -> None:
        run = Reconciliation(
            storage=default_storage,
            deep=options["deep"],
            delete_orphans=options["delete_orphans"],
            dry_run=options["dry_run"],
        )
        prefix = "(simulación) " if options["dry_run"] else ""
        findings: Counter[Finding] = Counter()
        try:
            with told_in_a_line():
                for found in tqdm(run.steps(), unit="", file=self.stderr, disable=None):
                    self._note(found, findings, prefix, by_name=options["verbosity"] > 1)
        finally:
            self._report(findings, prefix)
        if all(finding.is_left for finding in findings):
            self.stdout.write(f"{prefix}Nada que conciliar.")
        if findings[Finding.UNREADABLE]:
            raise CommandError("No se pudo leer todo: vuelve a intentarlo más tarde.")

    def _note(
        self, found: Found, findings: Counter[Finding], prefix: str, *, by_name: bool
    ) -> None:
        if found.finding is None:
            return
        findings[found.finding] += 1
        if by_name:
            self.stdout.write(f"{prefix}{found.finding}: {found.name}")

    def _report(self, findings: Counter[Finding], prefix: str) -> None:
        for finding in Finding:
            if findings[finding]:
                self.stdout.write(f"{prefix}{finding}: {findings[finding]}")

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dataset.models import Release
from dataset.releases import rebuild
from dataset.tasks import request_release
from toastclub.management.outages import told_in_a_line


class Command(BaseCommand):
    help = "Pide la siguiente versión del dataset, que crea run_worker en segundo plano."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rebuild",
            type=int,
            metavar="N",
            help="rehace ahora la versión N a partir de los datos actuales, comprueba que es la "
            "misma y la repone si falta en el almacén",
        )

        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="dice qué versión sería la siguiente, o solo compara; no escribe",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        prefix = "(simulación) " if dry_run else ""
        with told_in_a_line():
            if options["rebuild"] is not None:
                release, was_stored = rebuild(options["rebuild"], dry_run=dry_run)
                found = "estaba entera" if was_stored else "no estaba entera"
                mended = "" if was_stored or dry_run else ", y se ha repuesto"
                said = f"es la misma (SHA-256 {release.sha256}); en el almacén {found}{mended}"
            elif dry_run:
                release = Release(number=Release.objects.next_number())
                said = "sería la siguiente"
            else:
                release = request_release(who=getpass.getuser())
                said = release.get_state_display()
        self.stdout.write(f"{prefix}{release}: {said}")

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

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

    def handle(self, *args: Any, **options: Any) -> None:
        with told_in_a_line():
            if options["rebuild"] is None:
                release = request_release(who=getpass.getuser())
                self.stdout.write(f"{release}: {release.get_state_display()}")
            else:
                release = rebuild(options["rebuild"])
                self.stdout.write(f"{release}: es la misma (SHA-256 {release.sha256})")

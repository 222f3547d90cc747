from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dataset.models import Erasure
from dataset.people.erasure import carry_on
from toastclub.management.outages import told_in_a_line


class Command(BaseCommand):
    help = "Continúa los borrados de personas que quedaron sin terminar."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="solo dice cuáles son; no borra nada"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with told_in_a_line():
            erasures = list(Erasure.objects.unfinished().order_by("pk"))
            for erasure in erasures:
                if not options["dry_run"]:
                    carry_on(erasure)
                said = "sin terminar" if options["dry_run"] else "terminado"
                self.stdout.write(f"{erasure}: {said}")
        if not erasures:
            self.stdout.write("Ningún borrado quedó sin terminar.")

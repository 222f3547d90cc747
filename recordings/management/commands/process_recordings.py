from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from recordings.models import Recording
from recordings.processing import process, unprocessed
from toastclub.errors import ServiceUnavailable
from toastclub.management.outages import told_in_a_line


class Command(BaseCommand):
    help = (
        "Mide el audio de las grabaciones que eran demasiado largas para medirlas mientras el "
        "visor esperaba."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="cuenta; no mide nada")

    def handle(self, *args: Any, **options: Any) -> None:
        with told_in_a_line():
            self._measure_all(dry_run=options["dry_run"])

    def _measure_all(self, *, dry_run: bool) -> None:
        recordings = unprocessed()
        if dry_run:
            self.stdout.write(f"(simulación) por medir: {recordings.count()}")
            return
        waiting = list(recordings)
        measured = 0
        try:
            for recording in tqdm(waiting, unit="", file=self.stderr, disable=None):
                measured += self._measure(recording)
        finally:
            self.stdout.write(f"medidas: {measured}")
        left = len(waiting) - measured
        if left:
            raise CommandError(f"sin medir, demasiado largas o sin poder leer su audio: {left}")

    def _measure(self, recording: Recording) -> bool:
        try:
            return process(recording)
        except (ServiceUnavailable, FileNotFoundError):
            return False

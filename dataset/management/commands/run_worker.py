from typing import Any

from django.conf import settings
from django_tasks_db.management.commands import db_worker

from dataset.tasks import resume_releases
from recordings.temporary import sweep_all


class Command(db_worker.Command):
    help = (
        "Hace el trabajo de fondo, como crear las versiones del dataset, hasta que se le dice que "
        "pare. Al empezar, retoma lo que otro dejó a medias."
    )

    def handle(self, **options: Any) -> None:
        sweep_all(settings.DATA_DIR)
        resume_releases()
        super().handle(**options)

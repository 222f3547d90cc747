"""What `run_worker` does in the background."""

from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_tasks import task

from dataset import releases
from dataset.models import Release

PAUSE = timedelta(seconds=60)  # before it is looked at again


@task()
def build_release(number: int) -> None:
    try:
        is_done = releases.build(number)
    except (OperationalError, InterfaceError):
        connection.close()  # the next query opens one: the database may be back by now
        _build_later(number)
        raise
    if not is_done:
        _build_later(number)


def _build_later(number: int) -> None:
    build_release.using(run_after=timezone.now() + PAUSE).enqueue(number)


def request_release(*, who: str) -> Release:
    """The next release, which a worker is to build."""
    release = Release.objects.wanted(who=who)
    build_release.enqueue(release.number)
    return release


def resume_releases() -> None:
    """Has what a worker has left half done begun again."""
    for release in Release.objects.unfinished():
        build_release.enqueue(release.number)

"""What `run_worker` does in the background."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from dataset import releases
from dataset.models import Release

ANOTHER_BUILD = timedelta(seconds=15)  # before it is looked at again


@task()
def build_release(number: int) -> None:
    if not releases.build(number):
        build_release.using(run_after=timezone.now() + ANOTHER_BUILD).enqueue(number)


def request_release(*, who: str) -> Release:
    """The next release, which a worker is to build."""
    release = Release.objects.wanted(who=who)
    build_release.enqueue(release.number)
    return release


def resume_releases() -> None:
    """Has what a worker has left half done begun again."""
    for release in Release.objects.unfinished():
        build_release.enqueue(release.number)

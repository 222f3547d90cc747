"""The project's settings, with the benchmark's own addresses beside the project's."""

from toastclub.settings import *  # noqa: F403 - a settings module extends another this way

ROOT_URLCONF = "benchmarks.urls"

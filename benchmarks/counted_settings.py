"""The project's settings, with a count of each answer's queries."""

from toastclub.settings import *  # noqa: F403 - a settings module extends another this way
from toastclub.settings import MIDDLEWARE as PROJECT_MIDDLEWARE

MIDDLEWARE = ["benchmarks.counting.counting_queries", *PROJECT_MIDDLEWARE]

"""What the dataset adds to the back office, a module for each task."""

from dataset.admin import board, export, releases
from dataset.people import admin as people

__all__ = ["board", "export", "people", "releases"]

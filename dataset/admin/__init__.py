"""What analysts do with the dataset in the back office, a module for each task."""

from dataset.admin import export
from dataset.admin.releases import ReleaseAdmin

__all__ = ["ReleaseAdmin", "export"]

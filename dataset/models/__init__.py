from dataset.models.erasure import Erasure
from dataset.models.pseudonym_key import PseudonymKey
from dataset.models.release import Release, ReleaseItem

__all__ = ["Erasure", "PseudonymKey", "Release", "ReleaseItem"]

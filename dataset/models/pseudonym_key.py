import secrets
from typing import ClassVar

from django.db import models

from dataset.identities import Pseudonyms

KEY_BYTES = 32


class PseudonymKeyManager(models.Manager["PseudonymKey"]):
    def pseudonyms(self) -> Pseudonyms:
        """Those of this installation, whose key is made when it is first needed."""
        key, _is_new = self.get_or_create(pk=1, defaults={"secret": secrets.token_hex(KEY_BYTES)})
        return Pseudonyms(bytes.fromhex(key.secret))


class PseudonymKey(models.Model):
    """The one key of an installation's pseudonyms.

    It is kept with the data that it protects once they have left, and moves where they move.
    """

    secret = models.CharField("clave", max_length=2 * KEY_BYTES)

    objects: ClassVar[PseudonymKeyManager] = PseudonymKeyManager()

    class Meta:
        db_table = "dataset_pseudonym_key"

from django.db import models


class FailedAttempt(models.Model):
    """One wrong guess at a credential; once it counts no more, it is deleted.

    They are rows and not entries of a cache because every process, on every machine, has to
    count the same ones.
    """

    key = models.CharField(max_length=64, editable=False)
    counts_until = models.DateTimeField(editable=False)

    class Meta:
        db_table = "failed_attempts"
        indexes = [
            # Counts those of a key.
            models.Index(fields=["key", "counts_until"], name="failed_attempts_key_until"),
            # Deletes those that count no more.
            models.Index(fields=["counts_until"], name="failed_attempts_until"),
        ]

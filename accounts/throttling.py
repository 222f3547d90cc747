"""Limits on wrong guesses at a credential; right ones are never counted."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import FailedAttempt
from toastclub.errors import TooManyAttempts


@dataclass(frozen=True)
class FailureLimit:
    """At most `allowed` failures of `subject` within `window`."""

    subject: str
    allowed: int
    window: timedelta

    def check(self) -> None:
        """Refuses (`TooManyAttempts`) a subject that has used up its failures."""
        now = timezone.now()
        counting = FailedAttempt.objects.filter(key=self._key, counts_until__gt=now)
        ends = list(counting.order_by("counts_until").values_list("counts_until", flat=True))
        if len(ends) >= self.allowed:
            wait = ends[-self.allowed] - now
            raise TooManyAttempts(retry_after=int(wait.total_seconds()) + 1)

    def record_failure(self) -> None:
        """Counts one more failure, and deletes those of anybody that count no more."""
        now = timezone.now()
        FailedAttempt.objects.create(key=self._key, counts_until=now + self.window)
        FailedAttempt.objects.filter(counts_until__lte=now).delete()

    @property
    def _key(self) -> str:
        """The subject holds addresses and e-mails: only a keyed digest of it is stored."""
        return salted_hmac("accounts.throttling", self.subject, algorithm="sha256").hexdigest()


def login_limit(address: str, email: str) -> FailureLimit:
    return FailureLimit(
        f"login {address} {email}", settings.LOGIN_FAILURES_ALLOWED, settings.LOGIN_FAILURES_WINDOW
    )

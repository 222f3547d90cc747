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
        recent = FailedAttempt.objects.filter(key=self._key, at__gt=now - self.window)
        moments = list(recent.order_by("at").values_list("at", flat=True))
        if len(moments) >= self.allowed:
            wait = moments[-self.allowed] + self.window - now
            raise TooManyAttempts(retry_after=int(wait.total_seconds()) + 1)

    def record_failure(self) -> None:
        """Counts one more failure, and forgets those of anybody that no limit counts any more."""
        FailedAttempt.objects.create(key=self._key)
        longest = max(settings.LOGIN_FAILURES_WINDOW, settings.CODE_MISSES_WINDOW)
        FailedAttempt.objects.filter(at__lte=timezone.now() - longest).delete()

    @property
    def _key(self) -> str:
        """The subject holds addresses and e-mails: only a keyed digest of it is stored."""
        return salted_hmac("accounts.throttling", self.subject, algorithm="sha256").hexdigest()


def login_limit(address: str, email: str) -> FailureLimit:
    return FailureLimit(
        f"login {address} {email}", settings.LOGIN_FAILURES_ALLOWED, settings.LOGIN_FAILURES_WINDOW
    )


def code_limit(address: str) -> FailureLimit:
    return FailureLimit(
        f"code {address}", settings.CODE_MISSES_ALLOWED, settings.CODE_MISSES_WINDOW
    )

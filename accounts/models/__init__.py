from accounts.models.access_record import AccessRecord
from accounts.models.failed_attempt import FailedAttempt
from accounts.models.user import USER_BY_ID, User, UserQuerySet, canonical_email

__all__ = [
    "USER_BY_ID",
    "AccessRecord",
    "FailedAttempt",
    "User",
    "UserQuerySet",
    "canonical_email",
]

"""Who does something to a session."""

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from sessions_app.choices import ActorKind


@dataclass(frozen=True)
class Headset:
    """The principal behind a session's code: it may act on that session alone."""

    session_id: int
    is_authenticated: bool = True


@dataclass(frozen=True)
class Actor:
    kind: ActorKind
    user: User | None = None

    @property
    def email(self) -> str:
        return self.user.email if self.user else ""


SYSTEM = Actor(ActorKind.SYSTEM)


def actor_behind(principal: Any) -> Actor:
    """The actor that an authenticated request's `user` stands for."""
    if isinstance(principal, User):
        return Actor(ActorKind.USER, principal)
    return Actor(ActorKind.HEADSET)

"""One session with all that an answer says of it: what headsets and their clients repeat.

Each is one query that is compiled once. A second one reads the session's pages, but only the
first time: they never change.
"""

from functools import lru_cache
from typing import Any

from accounts.models import USER_BY_ID, User
from sessions_app.actors import Headset
from sessions_app.codes import code_meant
from sessions_app.models import Session
from toastclub.compiled import CompiledPair, CompiledQuery
from toastclub.errors import NotFound
from toastclub.identifiers import parse_id

SNAPSHOTS_REMEMBERED = 500  # sessions a process, of some 10 kB each

_BY_ID: CompiledQuery[Session] = CompiledQuery(
    lambda number: Session.objects.with_details().filter(pk=number).order_by(), sample=0
)
_BY_CODE: CompiledQuery[Session] = CompiledQuery(
    lambda code: Session.objects.with_details().filter(session_code=code).order_by(), sample=""
)
_USER_AND_SESSION = CompiledPair(USER_BY_ID, _BY_ID)


def details_by_id(principal: Any, shown: object) -> Session:
    """The session of that id, or `NotFound` if there is none that `principal` may see."""
    number = parse_id(shown)
    if isinstance(principal, Headset) and principal.session_id != number:
        number = None
    session = _BY_ID.first(number) if number is not None else None
    if session is None:
        raise NotFound.by_id("Session", shown)
    return _with_pages(session)


def details_by_code(typed: str) -> Session | None:
    """The session of that code, however it was typed and whether still valid or not."""
    code = code_meant(typed)
    session = _BY_CODE.first(code) if code else None
    return session and _with_pages(session)


def details_beside_user(
    user_number: int | None, shown: object
) -> tuple[User | None, Session | None]:
    """The user of that number and the session of that id, each None if it is not there."""
    user, session = _USER_AND_SESSION.first(user_number, parse_id(shown))
    return user, session and _with_pages(session)


def _with_pages(session: Session) -> Session:
    session.text_pages = _pages_of(session.pk, session.session_code)
    return session


@lru_cache(maxsize=SNAPSHOTS_REMEMBERED)
def _pages_of(session_id: int, session_code: str) -> Any:
    """The pages of that session, as they were copied into it.

    The code is part of what they are remembered by, in case a database that was restored or
    emptied gives an id a second time.
    """
    pages = Session.objects.filter(pk=session_id, session_code=session_code)
    return pages.values_list("text_pages", flat=True).get()

"""Session codes: short, typed on a keyboard in VR, and a session's credential."""

import secrets

CODE_LENGTH = 9
# Without 0 o, 1 i l, 2 z, 5 s, 8 b: 25 characters, 3.8 billion codes for each one in use in
# a class of a thousand.
CODE_ALPHABET = "acdefghjkmnpqrtuvwxy34679"


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _position in range(CODE_LENGTH))


def code_meant(typed: str) -> str | None:
    """The code that was typed, in its one spelling; None for what can be no code."""
    code = typed.strip().lower()
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else None

"""Session codes: short, typed on a keyboard in VR, and a session's credential."""

import secrets

CODE_LENGTH = 9
# Without 0 o, 1 i l, 2 z, 5 s, 8 b: 25 characters, 3.8 billion codes for each one in use in
# a class of a thousand.
CODE_ALPHABET = "acdefghjkmnpqrtuvwxy34679"


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _position in range(CODE_LENGTH))


def normalise_code(typed: str) -> str:
    return typed.strip().lower()


def is_code(text: str) -> bool:
    return len(text) == CODE_LENGTH and set(text) <= set(CODE_ALPHABET)

"""What schemathesis is told that the OpenAPI document cannot say."""

import os

import schemathesis
from schemathesis.transport.serialization import Binary

OWN_ID = os.environ.get("FUZZING_USER_ID", "")
NOBODY_ID = 10**9
WAV_HEAD = b"RIFF\x00\x00\x00\x00WAVE"


@schemathesis.hook
def before_call(context, case, kwargs):
    keep_own_password(case)
    send_audio(case)


def keep_own_password(case):
    """The token of the account that fuzzes would die of a reset."""
    if case.path.endswith("/reset-password") and str(case.path_parameters["user_id"]) == OWN_ID:
        case.path_parameters["user_id"] = NOBODY_ID


def send_audio(case):
    """Bytes that are plainly not audio are refused by contract; these begin as a WAV does."""
    if isinstance(case.body, dict) and isinstance(case.body.get("file"), Binary):
        case.body["file"] = Binary(WAV_HEAD + case.body["file"].data)

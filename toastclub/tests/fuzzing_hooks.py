"""What schemathesis is told that the OpenAPI document cannot say."""

import os

import schemathesis
from schemathesis.transport.serialization import Binary

OWN_ID = os.environ.get("FUZZING_USER_ID", "")
NOBODY_ID = 10**9
WAV_HEAD = b"RIFF\x00\x00\x00\x00WAVE"


@schemathesis.hook
def before_call(context, case, kwargs):
    """The account that fuzzes does not reset its own password: its token would die of that."""
    if case.path.endswith("/reset-password") and str(case.path_parameters["user_id"]) == OWN_ID:
        case.path_parameters["user_id"] = NOBODY_ID


@schemathesis.hook
def map_body(context, body):
    """Bytes that are plainly not audio are refused by contract; these begin as a WAV does."""
    if isinstance(body, dict) and isinstance(body.get("file"), Binary):
        return {**body, "file": Binary(WAV_HEAD + body["file"].data)}
    return body

from recordings.models.recording import (
    KEY_MAX_LENGTH,
    KEY_PREFIX,
    Recording,
    RecordingGone,
    new_recording,
)
from recordings.models.review import InvalidReview, RecordingReview
from recordings.models.upload import PARTS_PREFIX, UPLOAD_LIFETIME, ResumableUpload, UploadKey

__all__ = [
    "KEY_MAX_LENGTH",
    "KEY_PREFIX",
    "PARTS_PREFIX",
    "UPLOAD_LIFETIME",
    "InvalidReview",
    "Recording",
    "RecordingGone",
    "RecordingReview",
    "ResumableUpload",
    "UploadKey",
    "new_recording",
]

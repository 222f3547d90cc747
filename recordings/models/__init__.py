from recordings.models.recording import KEY_MAX_LENGTH, KEY_PREFIX, Recording, new_recording
from recordings.models.review import InvalidReview, RecordingReview
from recordings.models.upload import PARTS_PREFIX, UPLOAD_LIFETIME, ResumableUpload, UploadKey

__all__ = [
    "KEY_MAX_LENGTH",
    "KEY_PREFIX",
    "PARTS_PREFIX",
    "UPLOAD_LIFETIME",
    "InvalidReview",
    "Recording",
    "RecordingReview",
    "ResumableUpload",
    "UploadKey",
    "new_recording",
]

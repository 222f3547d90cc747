"""What each role may do in the back office: Django's permissions, given by role alone."""

from accounts.choices import Role

_FACILITATOR = frozenset(
    {
        "sessions_app.view_session",
        "sessions_app.add_session",
        "sessions_app.move_session",
        "surveys.answer_survey",
    }
)
_ANALYST = _FACILITATOR | {
    "accounts.manage_user",
    "dataset.create_release",
    "dataset.export_dataset",
    "dataset.handover_person",
    "recordings.review_recording",
    "training.add_text",
    "training.change_text",
    "training.delete_text",
    "training.import_text",
}
ERASE = "dataset.erase_person"


def is_granted(role: str, permission: str) -> bool:
    """Whether that role gives that permission, `app_label.codename`; analysts view everything."""
    if role == Role.ANALISTA:
        return permission.partition(".")[2].startswith("view_") or permission in _ANALYST
    return permission in _FACILITATOR

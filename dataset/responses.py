from collections.abc import Mapping, Sequence

from django.http import HttpRequest, StreamingHttpResponse

from accounts.models import User
from dataset.export import Recipient, send_export
from dataset.selection import read_flag, select
from toastclub.addresses import client_address

IDENTIFIABLE = "identificables"
# No proxy is to keep what is sent, neither for others nor, as nginx would, a gigabyte on disk.
AS_IT_COMES = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}


def export_response(
    asked: Mapping[str, Sequence[str]], request: HttpRequest, user: User
) -> StreamingHttpResponse:
    """The export that those parameters ask for, sent to that analyst."""
    filters = {name: values for name, values in asked.items() if name != IDENTIFIABLE}
    is_identifiable = read_flag(IDENTIFIABLE, asked.get(IDENTIFIABLE, [""]))
    recipient = Recipient(user.email, user, client_address(request))
    sending = send_export(select(filters), recipient, is_identifiable=is_identifiable)
    return StreamingHttpResponse(
        sending.pieces,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{sending.name}"',
            "Content-Length": str(sending.size),
            **AS_IT_COMES,
        },
    )

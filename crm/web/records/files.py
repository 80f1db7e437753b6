"""Files of follow-ups: downloads for whoever sees the record, never a page of their own."""

from typing import Any

from flask import abort, g, send_file

from crm.domain.attachments import actions
from crm.domain.attachments.models import Attachment
from crm.domain.attachments.queries import attachment_of
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.kernel.permissions import Permission
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import is_htmx, see_other
from crm.web.records.place import RecordPlace


def add_files_to(bp: CrmBlueprint, place: RecordPlace) -> None:
    @bp.get("/<int:record_id>/attachments/<int:attachment_id>", needs=place.type.may_read)
    def attachment(record_id: int, attachment_id: int) -> Any:
        return _download(db.one_or_404(attachment_of(place.one(record_id), attachment_id)))

    @bp.post("/<int:record_id>/attachments/<int:attachment_id>/deletion", needs=Permission.FOLLOW_UPS_WRITE)
    def remove_attachment(record_id: int, attachment_id: int) -> Any:
        one = place.one(record_id, Permission.FOLLOW_UPS_WRITE)
        actions.remove(g.actor, one, db.one_or_404(attachment_of(one, attachment_id)))
        return ("", 200) if is_htmx() else see_other(place.url(record_id))


def _download(attachment: Attachment) -> Any:
    """As a file to keep: no browser shows it as a page of ours, whatever is in it; `nosniff` is on every answer."""
    try:
        stream = storage_for(g.settings).open(attachment.storage_key)
    except FileNotFoundError:
        abort(404)
    response = send_file(
        stream,
        attachment.content_type,
        as_attachment=True,
        download_name=attachment.name,
        conditional=False,
        etag=False,
    )
    response.content_length = attachment.size
    return response

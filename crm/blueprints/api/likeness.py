"""What a program is told before it makes a second one of what seems to be there already."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for

from crm.kernel.text import N_
from crm.web.api.problems import problem
from crm.web.i18n import gettext
from crm.web.likeness import ANYWAY, Hints
from crm.web.records.place import RecordPlace

_THERE = N_("This %(record)s seems to be there already")
_DO = N_("Nothing was saved. Use one of those that are there, or send the same again with “anyway=1” in the address.")


def there_already(place: RecordPlace, values: Mapping[str, Any]) -> Response | None:
    """As the form tells it: those the key's person may see by name, of all others only whose they are."""
    type_ = place.type
    if type_.likeness is None or request.args.get(ANYWAY) == "1":
        return None
    hints = Hints.of(type_, values, slips=False)
    if not hints.found.asks:
        return None
    similar = [
        {
            "id": one.id,
            "name": one.name,
            "number": one.number,
            "why": hint.why,
            "url": url_for(f"api_{type_.key}.show", record_id=one.id),
        }
        for one, hint in zip(hints.found.seen, hints.seen, strict=True)
    ]
    more = {"similar": similar, "elsewhere": [each.words for each in hints.elsewhere]}
    return problem(409, gettext(_THERE, record=place.noun), gettext(_DO), more=more)

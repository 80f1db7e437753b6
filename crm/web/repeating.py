"""Of requests that wait for each other PostgreSQL ends one, with nothing of it kept. That one is done again from its
beginning: whoever sent it need not know.
"""

from collections.abc import Callable, MutableMapping
from copy import deepcopy
from itertools import chain
from typing import Any

import structlog
from flask import Response, g, request, session
from sqlalchemy.exc import OperationalError

from crm.infra.db import db

log = structlog.get_logger(__name__)
_TIMES = 3
_ENDED = {"40P01", "40001"}  # deadlock_detected, serialization_failure: PostgreSQL, Appendix A


def until_kept(work: Callable[[], Response]) -> Response:
    """What `work` answers, which ends its transaction itself. Raises OperationalError when it was ended three times."""
    told: MutableMapping[str, Any] = vars(g._get_current_object())
    before, cookie = dict(told), deepcopy(dict(session))
    for _ in range(_TIMES - 1):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _ENDED:
                raise
            log.warning("request.repeated", error=str(error.orig).partition("\n")[0])
        db.session.rollback()
        for place, was in ((told, before), (session, deepcopy(cookie))):  # what the next page says is said once
            place.clear()
            place.update(was)
        for file in chain.from_iterable(each for _, each in request.files.lists()):
            file.stream.seek(0)
    return work()

"""A question that no index answers is given up before anybody has to wait for it, with a sentence that says why."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError

from crm.infra.db import db, driven
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.text import N_

PAGE_MS, COUNT_MS = 200, 80  # together below what a filtered list may take in the database


class TooSlow(Invalid):
    """The records would have to be looked through one by one, and there are too many of them."""


def own_asked(fields: Mapping[str, Field], asked: Sequence[tuple[str, str, str]]) -> list[str]:
    """What the company calls those of its own fields that are asked for: an index may answer, or none."""
    known = (fields[key] for key, *_ in asked if key in fields)
    return [each.label for each in known if each.custom]


class OutOfTime(Exception):
    """A statement took longer than it was given."""


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """Raises OutOfTime when a statement within takes longer.

    In a savepoint, so that the transaction goes on; its end takes the limit away. In the driver's words: two ways to
    the database and back instead of four.
    """
    db.session.flush()  # what waits to be written is not what is timed
    driven(f"SAVEPOINT patience; SET LOCAL statement_timeout = {milliseconds:d}")
    try:
        yield
    except BaseException as error:
        driven("ROLLBACK TO SAVEPOINT patience; RELEASE SAVEPOINT patience")
        if isinstance(error, OperationalError) and isinstance(error.orig, QueryCanceled):
            raise OutOfTime from error
        raise
    driven("SET LOCAL statement_timeout TO DEFAULT; RELEASE SAVEPOINT patience")


@contextmanager
def patience(milliseconds: int, labels: Sequence[str]) -> Iterator[None]:
    """Raises TooSlow when a statement in it takes longer; `labels` are of the fields it asks for, if none: no limit."""
    if not labels:
        yield
        return
    try:
        with within(milliseconds):
            yield
    except OutOfTime as error:
        raise TooSlow(
            N_(
                "To look through all records for “%(fields)s” takes too long. Ask for something else as well, such as "
                "an owner or words of the name. Comparing with a number or a date is fast once an administrator has "
                "made the field sortable, which gives it an index."
            ),
            fields=list(dict.fromkeys(labels)),
        ) from error

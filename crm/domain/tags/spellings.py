"""How a tag was written before it had a meaning: in other cases, in full width. Looked for when it is made or called
otherwise, so that lists find it without comparing every word of every record."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from crm.domain.tags.queries import TYPES
from crm.kernel.text import fold


def spelt(connection: Connection, names: Iterable[str]) -> list[str]:
    """What stands in records, whoever's, and is read as one of the names without being written like it."""
    names = set(names)
    folded, found = {fold(each) for each in names}, set[str]()
    for type_ in TYPES:
        written = text(f"SELECT DISTINCT tag FROM {type_}, unnest(tags) AS tag WHERE tags IS NOT NULL")
        found |= {each for (each,) in connection.execute(written) if each not in names and fold(each) in folded}
    return sorted(found)

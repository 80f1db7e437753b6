"""The kinds of fields. What a kind means is a line in each table of docs/ARCHITECTURE.md."""

from enum import StrEnum


class FieldKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    YES_NO = "yes_no"
    TAGS = "tags"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"  # of a day
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    REFERENCE = "reference"  # a code of a tree shipped with the product
    PERSON = "person"
    LINK = "link"  # another record
    ENCRYPTED = "encrypted"  # a text that the database keeps sealed: see sealed.py


SOURCED = frozenset({FieldKind.REFERENCE, FieldKind.PERSON, FieldKind.LINK})

"""A key of the API."""

import datetime as dt

from sqlalchemy import BigInteger, Date, ForeignKey, Identity, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra.db import Model


class ApiToken(Model):
    """Only a hash of the key is kept. `types` empty: every type of record its person may see."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    name: Mapped[str]
    start: Mapped[str]  # of the key, to tell several apart
    key_hash: Mapped[str] = mapped_column(unique=True)
    writes: Mapped[bool]
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[dt.datetime]
    expires_on: Mapped[dt.date | None] = mapped_column(Date)  # the last day it is good for
    last_used_at: Mapped[dt.datetime | None]  # to the hour
    revoked_at: Mapped[dt.datetime | None]

"""The rules by which customers are scored, and each time it was done."""

import datetime as dt
from typing import Any

from sqlalchemy import Identity, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.rfm.rules import Rules
from crm.infra.db import Model

WAITING, SCORING, LEVELLING, DONE = "waiting", "scoring", "levelling", "done"


class RfmRules(Model):
    """As administrators have set them; without the row, as delivered."""

    __tablename__ = "rfm_rules"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RfmRun(Model):
    """One scoring of all customers, by rules and limits that stay as they were when it began.

    `upto` is the last customer that is scored (then: levelled), `last` the last there was.
    """

    __tablename__ = "rfm_runs"
    __table_args__ = (Index("ix_rfm_runs_waiting", "id", postgresql_where=text("finished_at IS NULL")),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    asked_by_id: Mapped[int | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(default=WAITING)
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    analysed_on: Mapped[dt.date]
    limits: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    upto: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    scored: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # customers with scores
    levelled: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # customers whose level changed

    @property
    def read_rules(self) -> Rules:
        return Rules.unpacked(self.rules)

"""What administrators say about leads: which qualities give points, and who gets those that come without an owner."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model

TURNS, LOAD, REGION, POOL = "turns", "load", "region", "pool"
WAYS = (TURNS, LOAD, REGION, POOL)


class ScoreRule(Model):
    """Who meets the condition (field, operator, value as in the address of a list) gets the points, ± 100 at most."""

    __tablename__ = "lead_score_rules"
    __table_args__ = (CheckConstraint("points BETWEEN -100 AND 100 AND points <> 0", name="points"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str]
    operator: Mapped[str]
    value: Mapped[str]
    points: Mapped[int]

    @property
    def condition(self) -> tuple[str, str, str]:
        return self.field, self.operator, self.value


class ScoreRun(Model):
    """All leads scored anew after the rules changed; a worker does it by id, batch by batch."""

    __tablename__ = "lead_score_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    after_id: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    finished_at: Mapped[dt.datetime | None]


class AssignmentRule(Model):
    """The first of them, in the order of `position`, whose `conditions` all hold has its way with a lead.

    `people` are [{"person": id, "region": code or null}]; `turn` counts the leads given so far in turns. By the way
    `pool` it goes into the pool of `department_id`, or of everybody.
    """

    __tablename__ = "lead_assignment_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]
    conditions: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    way: Mapped[str]
    people: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    department_id: Mapped[int | None]
    turn: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    retired_at: Mapped[dt.datetime | None]

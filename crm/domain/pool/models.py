"""Each night in which customers go back into the pool."""

import datetime as dt

from sqlalchemy import ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model

RETURN, WARN = "return", "warn"


class PoolRun(Model):
    """One a day. `total` is None until it is written down who is meant."""

    __tablename__ = "pool_runs"
    __table_args__ = (Index("ix_pool_runs_waiting", "id", postgresql_where=text("finished_at IS NULL")),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    day: Mapped[dt.date] = mapped_column(unique=True)
    begun_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
    total: Mapped[int | None]
    returned: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    warned: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class PoolRunItem(Model):
    """A customer that is meant; `done` with its turn, whatever came of it."""

    __tablename__ = "pool_run_items"
    __table_args__ = (Index("ix_pool_run_items_waiting", "run_id", "customer_id", postgresql_where=text("NOT done")),)

    run_id: Mapped[int] = mapped_column(
        ForeignKey(PoolRun.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deed: Mapped[str]
    done: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

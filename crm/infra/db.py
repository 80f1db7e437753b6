"""The database: one handle, one naming convention, nothing else."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, DateTime, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, registry

from crm.infra import json

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(column_0_N_label)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
_TYPES = {dt.datetime: DateTime(timezone=True), str: Text(), int: BigInteger()}


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=_NAMES), type_annotation_map=_TYPES)


class BindableSession(Session):
    """Honours an explicit bind, so a test can hand every query one connection."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **options: Any) -> Any:
        return bind or self.bind or super().get_bind(mapper=mapper, clause=clause, **options)


db = SQLAlchemy(model_class=Base, session_options={"class_": BindableSession})

if TYPE_CHECKING:

    class Model(Base):
        """What every table is; Flask-SQLAlchemy makes the real one, which type checkers cannot see."""

        __abstract__ = True
else:
    Model = db.Model


def engine_options(connections: int) -> dict[str, Any]:
    """A bounded pool. Statements are never prepared: a generic plan ruins the lists of small reps (STACK.md)."""
    return {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": 20,
        "pool_pre_ping": True,
        "pool_use_lifo": True,
        "json_serializer": json.dumps,
        "json_deserializer": json.loads,
        "connect_args": {"prepare_threshold": None, "application_name": "crm"},
    }

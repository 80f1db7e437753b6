"""The database: one handle, one naming convention, nothing else."""

import datetime as dt
from collections.abc import Mapping
from select import POLLIN, poll
from typing import TYPE_CHECKING, Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, CursorResult, DateTime, MetaData, Text, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.pool import Pool

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


@event.listens_for(Pool, "checkout")
def _still_there(connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
    """Whether the server still answers, asked only where it has said something by itself, such as goodbye.

    To ask at every checkout, as `pool_pre_ping` does, costs each request a round trip.
    """
    said = poll()
    said.register(connection.fileno(), POLLIN)
    if not said.poll(0):
        return
    try:
        connection.execute("")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


@event.listens_for(Pool, "connect")
def _merge_words_soon(connection: psycopg.Connection[Any], _record: Any) -> None:
    """What waits to be merged into an index of words is read by every search: see crm/infra/words.py."""
    connection.execute("SET gin_pending_list_limit = '256kB'")
    connection.commit()


def driven(statement: str, params: Mapping[str, Any] | None = None) -> CursorResult[Any]:
    """A statement in the driver's own words (`%(name)s`), in the transaction under way.

    For what every request asks: to take a text() apart and put it together again costs as much as the answer.
    """
    return db.session.connection().exec_driver_sql(statement, params)


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
        "pool_use_lifo": True,
        "hide_parameters": True,  # what was typed stands in them, and errors go to the log
        "json_serializer": json.dumps,
        "json_deserializer": json.loads,
        "connect_args": {"prepare_threshold": None, "application_name": "crm"},
    }

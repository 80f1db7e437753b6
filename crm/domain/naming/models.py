"""What a company calls its types of record, and the modules that have none."""

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class TypeName(Model):
    """`one` and `many` are {language: words}; a language that is missing has the delivered ones.

    `record_type` is the key of a module where it has no records of its own: it is called by `many` alone.
    """

    __tablename__ = "type_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(unique=True)
    one: Mapped[dict[str, str]] = mapped_column(JSONB)
    many: Mapped[dict[str, str]] = mapped_column(JSONB)

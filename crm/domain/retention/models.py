from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model


class Retention(Model):
    """How long things are kept, where administrators say otherwise than the settings of the installation."""

    __tablename__ = "retention"
    __table_args__ = (
        CheckConstraint("bin_days > 0", name="bin_days"),
        CheckConstraint("import_file_days > 0", name="import_file_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    bin_days: Mapped[int | None]
    import_file_days: Mapped[int | None]

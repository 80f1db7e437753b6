"""Contacts: the people at a customer."""

import datetime as dt

from sqlalchemy import ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.customers.models import Customer
from crm.domain.records.models import Kept, kept_indexes, tag_index
from crm.domain.records.numbers import Numbers, sequence
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("contacts", "CONT", sequence("contacts"))


class Contact(Kept, Model):
    __tablename__ = "contacts"
    read_permission = permission("contacts", Action.READ)
    goes_along = True
    __table_args__ = (
        *kept_indexes("contacts"),
        tag_index("contacts"),
        Index("ix_contacts_name_key", "name_key"),  # exact duplicates
        Index("ix_contacts_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index(
            "ix_contacts_birthday",
            text("extract(month FROM birthday)"),
            text("extract(day FROM birthday)"),
            postgresql_where=text("birthday IS NOT NULL AND deleted_at IS NULL"),
        ),
    )

    customer_id: Mapped[int | None] = mapped_column(ForeignKey(Customer.id, ondelete="SET NULL"))
    main: Mapped[bool] = mapped_column(default=False)
    position: Mapped[str | None]
    role: Mapped[str | None]
    gender: Mapped[str | None]
    birthday: Mapped[dt.date | None]
    phone: Mapped[str | None]
    phone_original: Mapped[str | None]  # as it was typed
    email: Mapped[str | None]
    wecom: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    remarks: Mapped[str | None]
    name_key: Mapped[str]  # derived from the name in every write


class ContactCustomer(Model):
    """Where a contact works or has worked: people change their employer and stay who they are."""

    __tablename__ = "contact_customers"
    __table_args__ = (
        Index("ix_contact_customers_contact", "contact_id", "since"),
        Index("ix_contact_customers_customer", "customer_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey(Contact.id, ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id, ondelete="CASCADE"))
    since: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    until: Mapped[dt.datetime | None]

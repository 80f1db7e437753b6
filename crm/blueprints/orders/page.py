"""The page of an order: its facts, and its lines as they read and as they are edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from flask import g, url_for

from crm.domain.orders.lines import LINE_FIELDS, MOST, told
from crm.domain.orders.models import OrderLine
from crm.domain.orders.queries import lines_of
from crm.infra import json
from crm.kernel.fields import Context, read_rows
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.errors import told as sentence
from crm.web.fields import edit_text, labels_for
from crm.web.formats import decimal, money
from crm.web.i18n import gettext
from crm.web.records.page import RecordPage

_BLANK = 3  # rows to fill in, below those that are there


@dataclass(frozen=True)
class Line:
    """As it reads; without an address for whoever may not look at products, or where it has none."""

    description: str
    url: str
    quantity: str
    price: str
    amount: str


@dataclass
class Row:
    """As it is edited: texts and what was wrong with them, by key of LINE_FIELDS."""

    number: int
    texts: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not any(self.texts.values())


class OrderPage(RecordPage):
    parts = ("orders/_lines.html",)

    @cached_property
    def lines(self) -> list[Line]:
        return [self._line(each) for each in lines_of(self.record)]

    def _line(self, line: OrderLine) -> Line:
        linked = line.product_id is not None and g.actor.may(Permission.PRODUCTS_READ)
        url = url_for("products.show", record_id=line.product_id) if linked else ""
        currency = self.record.currency
        quantity = decimal(line.quantity.normalize())
        return Line(line.description, url, quantity, money(line.price, currency), money(line.amount, currency))

    @property
    def total(self) -> str:
        return money(self.record.amount, self.record.currency)

    @property
    def may_edit_lines(self) -> bool:
        """Lines make the amount, so whoever may not write that may not write them."""
        amount = self.type.list.by_key.get("amount")
        return g.actor.holds(self.record, self.type.may_edit) and amount is not None and amount.writable_by(g.actor)

    @property
    def shows_amounts(self) -> bool:
        amount = self.type.list.by_key.get("amount")
        return amount is not None and not amount.masked


class LinesForm:
    """`stored` is what the lines were when the form was opened: whoever saves over something newer is told."""

    def __init__(self, rows: list[Row], stored: str) -> None:
        self.rows, self.stored = rows, stored
        self.values: list[dict[str, Any]] = []
        self.problem = ""

    @classmethod
    def of(cls, order: Any) -> "LinesForm":
        lines = lines_of(order)
        values = [
            {"product": each.product_id} | {f.key: getattr(each, f.key) for f in LINE_FIELDS[1:]} for each in lines
        ]
        labels = labels_for(LINE_FIELDS, values)
        texts = [{each.key: edit_text(each, value[each.key], labels) for each in LINE_FIELDS} for value in values]
        for each in texts:
            each["quantity"] = each["quantity"].rstrip("0").rstrip(".") if "." in each["quantity"] else each["quantity"]
        blank = [dict.fromkeys((each.key for each in LINE_FIELDS), "")] * _BLANK
        return cls([Row(at, each) for at, each in enumerate([*texts, *blank])], as_stored(order))

    @classmethod
    def posted(cls, form: Mapping[str, str]) -> "LinesForm":
        count = int(form["rows"]) if form.get("rows", "").isdecimal() and len(form["rows"]) < 4 else 0
        keys = [each.key for each in LINE_FIELDS]
        texts = [{key: form.get(f"{key}-{at}", "").strip() for key in keys} for at in range(min(count, MOST + _BLANK))]
        return cls([Row(at, each) for at, each in enumerate(texts)], form.get("stored", ""))

    def read(self) -> bool:
        """Empty rows are no lines."""
        filled = [each for each in self.rows if not each.is_empty]
        readings = read_rows(LINE_FIELDS, [each.texts for each in filled], Context(g.actor))
        for row, reading in zip(filled, readings, strict=True):
            row.errors = {key: sentence(problem) for key, problem in reading.problems.items()}
        self.values = [each.values for each in readings]
        return not any(each.errors for each in filled)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(control id, sentence) for the summary on top."""
        labels = {each.key: gettext(each.label) for each in LINE_FIELDS}
        found = [("lines", self.problem)] if self.problem else []
        for row in self.rows:
            for key, words in row.errors.items():
                said = gettext(
                    N_("Line %(line)s, %(label)s: %(words)s"), line=row.number + 1, label=labels[key], words=words
                )
                found.append((f"{key}-{row.number}", said))
        return found


def as_stored(order: Any) -> str:
    """Equal where the lines are equal."""
    return sha256(json.dumps([told(each) for each in lines_of(order)]).encode()).hexdigest()[:24]

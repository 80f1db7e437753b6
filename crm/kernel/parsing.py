"""From one cell of a file or one input of a form to the value of a field: one line per kind in PARSE."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm.kernel.company import company
from crm.kernel.contact import parse_email, parse_phone, parse_url
from crm.kernel.errors import Invalid
from crm.kernel.kinds import FieldKind
from crm.kernel.sealed import Sealed, seal
from crm.kernel.text import N_, fold

if TYPE_CHECKING:
    from crm.kernel.fields import Context, Field

SEPARATORS = re.compile(r"[,;，；、|\n]")


def _choice(field: "Field", text: str, context: "Context") -> str:
    if key := field.spellings.get(fold(text)):
        return key
    known: list[Any] = [choice.label for choice in field.choices if not choice.retired]
    raise Invalid(N_("“%(value)s” is not one of the choices: %(known)s."), value=text[:60], known=known)


def _choices(field: "Field", text: str, context: "Context") -> list[str] | None:
    """In the order of the choices, whatever the order in which they were named."""
    named = {_choice(field, part, context) for each in SEPARATORS.split(text) if (part := each.strip())}
    return [choice.key for choice in field.choices if choice.key in named] or None


def _tags(field: "Field", text: str, context: "Context") -> list[str] | None:
    return field.tags.now(tag for part in SEPARATORS.split(text) if (tag := part.strip())) or None


YES, NO = ("yes", "y", "true", "1", "是", "对", "有", "√", "✓"), ("no", "n", "false", "0", "否", "不", "无", "×", "✗")


def _yes_no(field: "Field", text: str, context: "Context") -> bool:
    word = fold(text)
    if word in YES or word in NO:
        return word in YES
    raise Invalid(N_("“%(value)s” is neither yes nor no."), value=text[:60])


_AROUND = re.compile(r"^(?:¥|￥|\$|€|£|CNY|RMB|USD|EUR)\s*|\s*(?:元|CNY|RMB|USD|EUR)$", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?$")
MOST_DIGITS = 30


def _number(field: "Field", text: str, context: "Context") -> Decimal:
    folded = fold(text)
    plain = re.sub("[, ]", "", folded) if _GROUPED.match(folded) else folded
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise Invalid(N_("“%(value)s” is not a number such as 1234.5."), value=text[:60]) from error
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS or len(number.as_tuple().digits) > MOST_DIGITS:
        raise Invalid(N_("“%(value)s” is not a number such as 1234.5."), value=text[:60])
    return plainly(number)


def plainly(number: Decimal) -> Decimal:
    """Without idle zeros and without an exponent, so that equal numbers are equal texts."""
    number = number.normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _money(field: "Field", text: str, context: "Context") -> Decimal:
    amount = _number(field, _AROUND.sub("", fold(text)), context)
    if amount != amount.quantize(Decimal("0.01")):
        raise Invalid(N_("“%(value)s” has more than two decimal places."), value=text[:60])
    return amount


_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_DATE = re.compile(rf"{_DAY}(?:[T ].*)?$")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_OPEN_DATE = re.compile(r"\d{1,2}\s*[-/. ]\s*\d{1,2}\s*[-/. ]\s*\d{2,4}(?:[T ,].*)?$")
_OPEN = N_("“%(value)s” does not say which is the day and which the month: write the date like 2026-11-21.")


def _date(field: "Field", text: str, context: "Context") -> dt.date:
    if found := _DATE.match(fold(text).upper()) or _COMPACT_DATE.match(fold(text)):
        try:
            return dt.date(*map(int, found.groups()))
        except ValueError:
            pass  # 2026-02-30: the sentence below says it
    if _OPEN_DATE.match(text):
        raise Invalid(_OPEN, value=text[:60])
    raise Invalid(N_("“%(value)s” is not a date such as 2026-11-21."), value=text[:60])


def _datetime(field: "Field", text: str, context: "Context") -> dt.datetime:
    """To the second, in UTC; what names no zone means the company's, what names no hour the day's beginning."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        if (found := _moment(fold(text).upper())) is None:
            if _OPEN_DATE.match(text):
                raise Invalid(_OPEN, value=text[:60]) from error
            raise Invalid(N_("“%(value)s” is not a time such as 2026-11-21 14:30."), value=text[:60]) from error
        moment = found
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(company.timezone))
    try:
        return moment.astimezone(dt.UTC).replace(microsecond=0)
    except OverflowError as error:  # the first and the last day of the calendar, of which UTC has no such moment
        raise Invalid(N_("“%(value)s” is not a time such as 2026-11-21 14:30."), value=text[:60]) from error


_CLOCK = r"(上午|下午|晚上|中午|AM|PM)?\s*(\d{1,2})[:.时点](?:(\d{1,2})分?)?(?::?(\d{1,2})秒?)?(?:\.\d+)?\s*(AM|PM)?"
_MOMENT = re.compile(rf"{_DAY}(?:[T ]?\s*{_CLOCK})?$")
_AFTER_NOON = frozenset({"下午", "晚上", "中午", "PM"})


def _moment(text: str) -> dt.datetime | None:
    """As people and spreadsheets write it: 2026/11/21 2:30 PM, 2026年11月21日 下午2点30分."""
    if not (found := _MOMENT.match(text)):
        return None
    year, month, day, before, hour, minute, second, after = found.groups()
    half, hours = before or after, int(hour or 0)
    if half and hours <= 12:
        hours = hours % 12 + 12 * (half in _AFTER_NOON and not (half == "中午" and hours == 11))
    try:
        return dt.datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
    except ValueError:
        return None


_TIME = re.compile(r"([01]?\d|2[0-3])[:.点时](?:([0-5]\d)分?)?$")


def _time(field: "Field", text: str, context: "Context") -> dt.time:
    if found := _TIME.match(fold(text)):
        return dt.time(int(found[1]), int(found[2] or 0))
    raise Invalid(N_("“%(value)s” is not a time of day such as 14:30."), value=text[:60])


def _as_is(field: "Field", text: str, context: "Context") -> str:
    return text


PARSE: Mapping[FieldKind, Callable[["Field", str, "Context"], Any]] = {
    FieldKind.TEXT: _as_is,
    FieldKind.LONG_TEXT: _as_is,
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI_CHOICE: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.TAGS: _tags,
    FieldKind.DATE: _date,
    FieldKind.DATETIME: _datetime,
    FieldKind.TIME: _time,
    FieldKind.PHONE: lambda field, text, context: parse_phone(text, context.phone_region),
    FieldKind.EMAIL: lambda field, text, context: parse_email(text),
    FieldKind.URL: lambda field, text, context: parse_url(text),
    FieldKind.REFERENCE: _as_is,
    FieldKind.PERSON: _as_is,
    FieldKind.LINK: _as_is,
    FieldKind.ENCRYPTED: lambda field, text, context: seal(field.place, text),
}

# From what JSON keeps (an event, a staged row, a custom value) back to the value; where it is the same, no line.
RESTORE: Mapping[FieldKind, Callable[[Any], Any]] = {
    FieldKind.NUMBER: Decimal,
    FieldKind.MONEY: Decimal,
    FieldKind.DATE: dt.date.fromisoformat,
    FieldKind.DATETIME: dt.datetime.fromisoformat,
    FieldKind.TIME: dt.time.fromisoformat,
    FieldKind.ENCRYPTED: Sealed,
}


def restored(kind: FieldKind, value: Any) -> Any:
    return RESTORE[kind](value) if value is not None and kind in RESTORE else value

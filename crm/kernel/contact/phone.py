"""Phone numbers: stored as E.164 with the extension after RFC 3966 (``+862112345678;ext=123``), shown nationally."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat

from crm.kernel.contact.shown import shown
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, clean


class Phone(NamedTuple):
    e164: str
    """``+8613800138000``, with an extension ``+862112345678;ext=123``: what is stored and compared."""
    original: str
    """As it was typed, cleaned."""


# phonenumbers takes 60 µs a number and imports call it hundreds of thousands of times. These are its own ranges of
# Chinese mobile numbers (a test compares all of them), so nothing is accepted here that it would refuse.
_CN_MOBILE = re.compile(
    r"(?:(?:\+|00)?86[ \-]?)?"
    r"(1(?:[38][0-9]|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8]))[ \-]?([0-9]{4})[ \-]?([0-9]{4})(?:\.0+)?"
)
_CN_MOBILE_GROUPS = re.compile(r"(1[0-9]{2})[ \-]?([0-9]{4})[ \-]?([0-9]{4})")
# A Chinese fixed line as it is mostly written: with its area code, perhaps an extension. Whether there is such a
# number, phonenumbers' own pattern says; what is written otherwise is left to it.
_CN_LANDLINE = re.compile(
    r"(?:0|\+86[ \-]?)([1-9][0-9]{1,2})[ \-]?([2-9][0-9]{2,3})[ \-]?([0-9]{4})(?:转([0-9]{1,7}))?"
)
_WHOLE_FLOAT = re.compile(r"([0-9]{5,})\.0+")
_EXTENSION = re.compile(
    r"\s*[(,，;；]?\s*(?:转(?:分机|接)?|轉(?:分機)?|分机号?|分機|内线|內線)[:：.]?\s*([0-9]{1,7})\s*\)?$"
)
_DASHED_EXTENSION = re.compile(
    r"((?:\(?0[0-9]{2,3}\)?[ \-]?[0-9]{3,4}|[48]00[ \-]?[0-9]{3,4})[ \-]?[0-9]{3,4})[\-*]([0-9]{1,6})"
)
_WITHOUT_AREA_CODE = re.compile(r"[2-8][0-9]{2,3}[ \-]?[0-9]{4}")
_SEVERAL = re.compile(r"[,，;；、|\n/]|或|和")
_MISSING = N_("A phone number is missing here.")
_SEVERAL_NUMBERS = N_("“%(value)s” holds more than one phone number: keep one of them here.")
_NO_AREA_CODE = N_("“%(value)s” has no area code: write it like 021-62345678.")
_NOT_A_PHONE = N_("“%(value)s” is not a phone number: check its digits, and begin with +country code for one abroad.")


def parse_phone(text: str, region: str = "CN") -> Phone:
    """The phone a person of ``region`` (ISO 3166 alpha-2) wrote as ``text``; raises Invalid."""
    if region == "CN" and (mobile := _CN_MOBILE.fullmatch(text)):
        return _cn_mobile(mobile, text)
    original = clean(text)
    written = unicodedata.normalize("NFKC", original).strip("'\" ")
    if region == "CN" and (mobile := _CN_MOBILE.fullmatch(written)):
        return _cn_mobile(mobile, original)
    if region == "CN" and (e164 := _cn_landline(written)):
        return Phone(e164, original)
    number = _parsed(written, region, original)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if number.extension:
        e164 += ";ext=" + number.extension
    return Phone(e164, original)


def _cn_mobile(match: re.Match[str], original: str) -> Phone:
    return Phone("+86" + "".join(match.groups()), original)


def _cn_landline(written: str) -> str | None:
    if (match := _CN_LANDLINE.fullmatch(written)) is None:
        return None
    *parts, extension = match.groups()
    if not _cn_fixed_line().fullmatch(number := "".join(parts)):
        return None
    return f"+86{number};ext={extension}" if extension else f"+86{number}"


@cache
def _cn_fixed_line() -> re.Pattern[str]:
    china: Any = PhoneMetadata.metadata_for_region("CN")
    return re.compile(china.fixed_line.national_number_pattern)


def _parsed(written: str, region: str, original: str) -> PhoneNumber:
    if not written:
        raise Invalid(_MISSING)
    if sum(len(re.sub(r"[^0-9]", "", part)) >= 7 for part in _SEVERAL.split(written)) > 1:
        raise Invalid(_SEVERAL_NUMBERS, value=shown(original))
    try:
        number = phonenumbers.parse(_with_extension(written), region)
    except phonenumbers.NumberParseException:
        raise Invalid(_NOT_A_PHONE, value=shown(original)) from None
    if phonenumbers.is_valid_number(number):
        return number
    local = region == "CN" and _WITHOUT_AREA_CODE.fullmatch(written)
    raise Invalid(_NO_AREA_CODE if local else _NOT_A_PHONE, value=shown(original))


def _with_extension(written: str) -> str:
    """Chinese habits as phonenumbers reads them: 转123, 0755-86013388-123, 13800138000.0 (from a cell)."""
    whole = _WHOLE_FLOAT.fullmatch(written)
    if whole:
        return whole[1]
    dashed = _DASHED_EXTENSION.fullmatch(written)
    if dashed:
        return f"{dashed[1]};ext={dashed[2]}"
    return _EXTENSION.sub(r";ext=\1", written)


@lru_cache(maxsize=8192)
def format_phone(e164: str, region: str = "CN") -> str:
    """A stored phone for reading: nationally for a number of ``region``, else internationally. Never raises."""
    mobile = _CN_MOBILE_GROUPS.fullmatch(e164, 3) if region == "CN" and e164.startswith("+86") else None
    if mobile:
        return " ".join(mobile.groups())
    if region == "CN" and e164.startswith("+86") and (told := _cn_told(e164[3:])):
        return told
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return _shown_in(number, region)


@cache
def _cn_formats() -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    """phonenumbers' own: how a number must begin, how it is divided, what is written before it."""
    china: Any = PhoneMetadata.metadata_for_region("CN")
    return [
        (re.compile((each.leading_digits_pattern or [""])[-1]), re.compile(each.pattern), _before(each))
        for each in china.number_format
    ]


def _before(format_: Any) -> str:
    return "0" if format_.national_prefix_formatting_rule else ""


def _cn_told(number: str) -> str:
    """As phonenumbers writes it, in a tenth of the time: an export asks for a million. "" where that is less sure."""
    if number.startswith("1") and not number.startswith("10"):  # of a carrier, which it would take away
        return ""
    for begins, divided, before in _cn_formats():
        if begins.match(number) and (match := divided.fullmatch(number)):
            return before + " ".join(match.groups())
    return ""


def _shown_in(number: PhoneNumber, region: str) -> str:
    national = phonenumbers.region_code_for_country_code(number.country_code or 0) == region
    return phonenumbers.format_number(
        number,
        PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.INTERNATIONAL,
    )


def phone_key(e164: str) -> str:
    """The key under which two stored phones are the same line: without the extension."""
    return e164.partition(";")[0]


def known_region(region: str) -> bool:
    """Whether numbers without a country can be of this one (ISO 3166 alpha-2)."""
    return region in phonenumbers.SUPPORTED_REGIONS

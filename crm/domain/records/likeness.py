"""What records of companies and people are compared by. A type puts its likeness together of these.

Points are in the scale of `crm/kernel/likeness.py`: with PRIOR, the same name alone is 0.88, the same phone alone 0.73,
the same name in another city 0.3; names alike as little as those of any two companies outweigh one thing in common.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crm.domain.reference.companies import called_alike, near, sounds, taken_apart
from crm.kernel.likeness import Features, Trait, letters, spelt_alike
from crm.kernel.text import N_, name_key

PRIOR = -5.0
BY_NAME, BY_PHONE, BY_MAIL = N_("same or similar name"), N_("same phone"), N_("same e-mail")
BY_SITE, BY_ADDRESS = N_("same website"), N_("same or similar address")

# Whoever has a mailbox there has no company of that name.
_MAIL = """
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com 21cn.com tom.com
    gmail.com outlook.com hotmail.com live.com msn.com icloud.com me.com yahoo.com proton.me gmx.de web.de
"""
_MAIL_FOR_ALL = frozenset(_MAIL.split())
_HOST = re.compile(r"^(?:[a-z]+://)?(?:www\.)?([^/:?#]+)")
_MUNICIPAL = ("11", "12", "31", "50")


def _whole(text: str) -> list[str]:
    return [text]


def _core_keys(core: str) -> Iterator[str]:
    yield " ".join(sorted(core.split()))
    if not core.isascii():
        yield sounds(core)


COMPANY = Trait("name", 7, -5, called_alike, 0.6, BY_NAME, _core_keys)
PERSON = Trait("person", 4, -5, spelt_alike, 0.7, BY_NAME)
PLACE = Trait("place", 1, -2.5, near)
PHONE = Trait("phone", 6, -0.7, spelt_alike, 0.88, BY_PHONE, _whole)
EMAIL = Trait("email", 6, -0.5, why=BY_MAIL, keys=_whole)
SITE = Trait("site", 2, -0.5, why=BY_SITE)
ADDRESS = Trait("address", 2, -1, spelt_alike, 0.5, BY_ADDRESS, _whole)


def company_features(name: Any, region: Any = None) -> dict[str, str]:
    core, place = taken_apart(str(name or ""))
    return {"name": core, "place": place or place_of(region)}


def person_features(name: Any) -> dict[str, str]:
    return {"person": name_key(str(name or ""))}


def place_of(region: Any) -> str:
    code = str(region or "")
    return code[:2] if code[:2] in _MUNICIPAL else code[:4]


def reached_features(row: Mapping[str, Any]) -> dict[str, str]:
    """Phone, mail, site and address, of those that the type has."""
    email = str(row.get("email") or "").casefold()
    host = _HOST.match(str(row.get("website") or "").casefold())
    domain = email.rpartition("@")[2]
    site = host[1] if host else "" if domain in _MAIL_FOR_ALL else domain
    return {
        "phone": str(row.get("phone") or "").partition(";")[0],
        "email": email,
        "site": site,
        "address": name_key(str(row.get("address") or "")),
    }


def placed_keys(features: Features) -> Iterator[str]:
    """Of people: name and place."""
    if person := features.get("person"):
        yield f"person:{person}|{features.get('place', '')}"


def half_keys(features: Features) -> dict[str, int]:
    """Of names with a slip of the pen: the half without it, in the same place."""
    core, place = features.get("name"), features.get("place", "")
    if not core:
        return {}
    front, back = _halves(core)
    keys = [f"front:{front}|{place}", *([f"back:{back}|{place}"] if back else ())]
    return dict.fromkeys(keys, letters(core))


def _halves(core: str) -> tuple[str, str]:
    if core.isascii():
        first, _, rest = core.partition(" ")
        return first, rest
    back = core[2:] if len(core) > 4 else core[1:]
    return core[:2], back if len(back) > 1 else ""

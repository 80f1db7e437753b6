"""What becomes of a company's name when somebody else writes it down."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from crm.domain.reference.companies import taken_apart
from crm.domain.reference.queries import region
from crm.domain.reference.spellings import short_name
from crm.kernel.text.script import VARIANTS

_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "")
_TRADITIONAL = {simple: traditional for traditional, simple in VARIANTS.items()}
_FORM = re.compile("(?:集团)?(?:股份)?(?:有限)?(?:责任)?公司$")
_WRONG = "天地人和上下中大小东西南北"


@dataclass(frozen=True)
class Known:
    number: str
    name: str
    phone: str
    email: str


def as_it_is(name: str, rng: Random) -> str:
    return name


def other_form(name: str, rng: Random) -> str:
    """Another legal form, or none."""
    if name.isascii():
        return name.rpartition(" ")[0] or name
    return _FORM.sub("", name) + rng.choice(_FORMS)


def bare(name: str, rng: Random) -> str:
    """Without legal form, region and brackets."""
    return taken_apart(name).core


def bracketed(name: str, rng: Random) -> str:
    """The place behind, in full-width brackets, and blanks between."""
    core, place = taken_apart(name)
    where = region(place) if place else None
    return f"{core}（ {short_name(where.name)} ）有限公司" if where and not core.isascii() else f" {name}  "


def traditional(name: str, rng: Random) -> str:
    return "".join(_TRADITIONAL.get(each, each) for each in name)


def with_a_slip(name: str, rng: Random) -> str:
    """One letter of what it is called by left out, or another character in place of one."""
    core = taken_apart(name).core
    at = rng.randrange(1, max(2, len(core)))
    spoilt = core[:at] + ("" if core.isascii() else rng.choice(_WRONG)) + core[at + 1 :]
    return name.replace(core, spoilt) if core in name else spoilt


SPOILT: Mapping[str, Callable[[str, Random], str]] = {
    "as it is": as_it_is,
    "another form": other_form,
    "bare": bare,
    "bracketed": bracketed,
    "traditional": traditional,
    "with a slip": with_a_slip,
}

"""Names of companies and people, by the grammar of each language."""

import unicodedata
from dataclasses import dataclass
from random import Random

from crm.demo.dice import Weighted
from crm.demo.places import Place, latin
from crm.demo.trades import TRADES, Trade
from crm.demo.words import (
    BRAND_FIRST,
    BRAND_SECOND,
    FOREIGN_BRANDS,
    FORMS_EN,
    FORMS_ZH,
    GIVEN_EN,
    GIVEN_ZH,
    SURNAMES,
    SURNAMES_EN,
)
from crm.kernel.text import name_key, syllables


@dataclass(frozen=True)
class Named:
    """`stem` is the name's own part in ASCII, for mail and web addresses; `brand` as it stands in the name."""

    name: str
    stem: str
    brand: str


_ORDER = Weighted(
    [
        ("{city}{brand}{trade}{form}", 62),
        ("{city}市{brand}{trade}{form}", 14),
        ("{brand}{trade}({city}){form}", 10),
        ("{brand}{trade}{form}", 14),
    ]
)


def trade(rng: Random) -> Trade:
    return TRADES.draw(rng)


def brand(rng: Random) -> str:
    """字号: two characters, now and then three."""
    middle = rng.choice(BRAND_SECOND) if rng.random() < 0.12 else ""
    return rng.choice(BRAND_FIRST) + middle + rng.choice(BRAND_SECOND)


def chinese_company(rng: Random, place: Place, what: Trade, own: str = "", *, group: bool = False) -> Named:
    """`own` is a brand to use instead of a new one; a `group` is a holding that others belong to."""
    own = own or brand(rng)
    if group:
        name = f"{place.city}{own}{rng.choice(('集团有限公司', '集团股份有限公司', '控股集团有限公司'))}"
    else:
        form = FORMS_ZH.draw(rng)
        name = _ORDER.draw(rng).format(city=place.city, brand=own, trade=rng.choice(what.names_zh), form=form)
    return Named(name, "".join(syllables(own)), own)


def english_company(rng: Random, place: Place, what: Trade) -> Named:
    own = rng.choice(FOREIGN_BRANDS)
    if rng.random() < 0.35:
        own = " ".join(rng.sample(FOREIGN_BRANDS, 2))
    where = f" ({latin(place.city)})" if place.country == "CN" and rng.random() < 0.8 else ""
    name = f"{own} {rng.choice(what.names_en)}{where} {FORMS_EN.draw(rng)}"
    return Named(name, name_key(own), own)


def chinese_person(rng: Random) -> Named:
    surname, given = SURNAMES.draw(rng), rng.choice(GIVEN_ZH)
    return Named(surname + given, f"{''.join(syllables(surname))}.{''.join(syllables(given))}", surname)


def english_person(rng: Random) -> Named:
    given, surname = rng.choice(GIVEN_EN), rng.choice(SURNAMES_EN)
    return Named(f"{given} {surname}", f"{_bare(given)}.{_bare(surname)}", surname)


def _bare(word: str) -> str:
    """Fernández → fernandez."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word).lower() if "a" <= letter <= "z")

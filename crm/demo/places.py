"""Where companies are: cities by weight, their telephone area codes, streets in both languages, and places abroad."""

from dataclasses import dataclass
from functools import cache
from random import Random

from crm.demo.dice import Weighted
from crm.demo.words import ROADS_EN, ROADS_ZH, STREETS
from crm.domain.reference.entries import regions
from crm.kernel.text import syllables


@dataclass(frozen=True)
class City:
    code: str
    name: str
    """Without 市: 深圳."""
    area_code: str
    sales_area: str
    """east, south or north: the sales department that looks after it."""


@dataclass(frozen=True)
class Place:
    """One address; `region` is a code of the reference tree, None abroad. `phone` begins a fixed line's number."""

    city: str
    region: str | None
    address_zh: str
    address_en: str
    sales_area: str
    area_code: str = ""
    country: str = "CN"


# sales area → "code area-code weight"
_CITIES = {
    "east": (
        "31 021 30|3205 0512 13|3301 0571 14|3201 025 10|3202 0510 7|3302 0574 8|3204 0519 4|3206 0513 3|3303 0577 4"
        "|3304 0573 3|3306 0575 2|3307 0579 3|3310 0576 2|3209 0515 1|3203 0516 2|3210 0514 2|3401 0551 5|3402 0553 1"
        "|3702 0532 5|3701 0531 4|3706 0535 2|3707 0536 2|3501 0591 3|3502 0592 4|3505 0595 3"
    ),
    "south": (
        "4403 0755 22|4401 020 18|4419 0769 8|4406 0757 7|4404 0756 2|4413 0752 2|4420 0760 2|4407 0750 1|4405 0754 1"
        "|4201 027 8|4301 0731 6|4302 0731 1|4205 0717 1|3601 0791 2|4501 0771 2|4502 0772 1|4601 0898 1|5101 028 10"
        "|50 023 7|5201 0851 1|5301 0871 2"
    ),
    "north": (
        "11 010 26|12 022 7|1301 0311 3|1302 0315 2|1306 0312 1|1310 0316 1|1401 0351 2|1501 0471 1|2101 024 4"
        "|2102 0411 3|2201 0431 2|2301 0451 2|4101 0371 6|4103 0379 1|6101 029 6|6201 0931 1|6401 0951 1|6501 0991 1"
    ),
}
_ABROAD = Weighted(
    [
        (("US", "Chicago, IL", "60601"), 4),
        (("US", "Austin, TX", "78701"), 3),
        (("GB", "Manchester", "M1 2AB"), 3),
        (("GB", "London", "EC2A 4NE"), 3),
        (("DE", "Berlin", "10115"), 4),
        (("FR", "Lyon", "69002"), 2),
        (("AU", "Sydney", "2000"), 2),
        (("SE", "Göteborg", "411 03"), 1),
    ]
)


@cache
def cities() -> Weighted[City]:
    found: list[tuple[City, float]] = []
    for sales_area, lines in _CITIES.items():
        for line in lines.split("|"):
            code, area_code, weight = line.split()
            name = regions()[code].name.removesuffix("市")
            found.append((City(code, name, area_code, sales_area), float(weight)))
    return Weighted(found)


@cache
def counties(city_code: str) -> tuple[str, ...]:
    """Codes of the named counties below; the city itself where it has none (东莞)."""
    below = [code for code, each in regions().items() if city_code in each.path and each.level == 3 and not each.hidden]
    return tuple(below) or (city_code,)


def at_home(rng: Random) -> Place:
    city = cities().draw(rng)
    region = rng.choice(counties(city.code)) if rng.random() < 0.8 else city.code
    number, floor = rng.randint(1, 1999), rng.randint(2, 32)
    tail = rng.choice((f"{floor}层", f"{rng.randint(1, 12)}号楼{floor}{rng.randint(1, 20):02d}室", "", "", "A座"))
    address_zh = f"{regions()[region].full_name.replace(' ', '')}{rng.choice(ROADS_ZH)}{number}号{tail}"
    address_en = f"{floor}F, {number} {rng.choice(ROADS_EN)} Road, {latin(city.name)}"
    return Place(city.name, region, address_zh, address_en, city.sales_area, city.area_code)


def abroad(rng: Random) -> Place:
    country, city, post_code = _ABROAD.draw(rng)
    street = f"{rng.randint(1, 399)} {rng.choice(STREETS)} {rng.choice(('Street', 'Road', 'Lane'))}"
    address = f"{street}, {city}, {post_code}, {country}"
    return Place(city.partition(",")[0], None, address, address, "east", country=country)


def latin(name: str) -> str:
    """深圳 → Shenzhen."""
    return "".join(syllables(name)).capitalize()

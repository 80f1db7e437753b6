"""Phones, mail and web addresses: foreign phones of ranges kept for fiction, domains of those kept for examples."""

from random import Random

from crm.demo.places import Place

_MOBILE = "130 131 132 133 135 136 137 138 139 150 151 152 155 157 158 159 166 176 177 178 180 181 185 186 187 188 189"
_MOBILE_PREFIXES = tuple(_MOBILE.split())
# After these area codes a number has seven digits, elsewhere eight.
_SEVEN = "0312 0315 0316 0351 0471 0535 0536 0553 0592 0717 0750 0752 0754 0756 0771 0772 0931 0951 0991"
_SEVEN_DIGITS = frozenset(_SEVEN.split())
_FICTION = {
    "US": ("+1 312 555 01{:02d}", 100),
    "GB": ("+44 20 7946 0{:03d}", 1000),
    "DE": ("+49 30 23125 {:03d}", 1000),
    "FR": ("+33 1 99 00 {:02d} {:02d}", 10_000),
    "AU": ("+61 2 5550 {:04d}", 10_000),
    "SE": ("+46 31 390 06 {:02d}", 100),
}
_WRITTEN = ("{0}{1}{2}", "{0}{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}", "+86 {0}{1}{2}")


def mobile(rng: Random, index: int) -> str:
    """A Chinese mobile in one of the ways people write it; different for each index below a hundred million."""
    digits = f"{(index * 73_939_133 + 40_507) % 100_000_000:08d}"
    return rng.choice(_WRITTEN).format(rng.choice(_MOBILE_PREFIXES), digits[:4], digits[4:])


def landline(rng: Random, area_code: str) -> str:
    length = 7 if area_code in _SEVEN_DIGITS else 8
    number = f"{rng.choice('23568')}{rng.randint(1, 9)}{rng.randrange(10**6):06d}"
    extension = f"转{rng.randint(801, 899)}" if rng.random() < 0.06 else ""
    return f"{area_code}-{number[:length]}{extension}"


def foreign(rng: Random, country: str) -> str:
    form, size = _FICTION[country]
    number = rng.randrange(size)
    return form.format(*divmod(number, 100)) if form.count("{") == 2 else form.format(number)


def phone(rng: Random, index: int, place: Place, *, company: bool) -> str:
    if place.country != "CN":
        return foreign(rng, place.country)
    if company and place.area_code and rng.random() < 0.4:
        return landline(rng, place.area_code)
    return mobile(rng, index)


def domain(rng: Random, stem: str) -> str:
    """`stem` is ASCII letters and digits."""
    return f"{stem}.example.{rng.choice(('com', 'com', 'net', 'org'))}"


def mailbox(rng: Random, stem: str, index: int, *, company: bool) -> tuple[str, str]:
    """(e-mail, web site): a company's own, or a person's with one of the big providers that do not exist."""
    if not company:
        return f"{stem}{index % 100:02d}@mail.example.com", ""
    host = domain(rng, stem)
    return f"{rng.choice(('info', 'sales', 'contact', 'office', 'service'))}@{host}", f"https://www.{host}"

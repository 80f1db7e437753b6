"""What people type into the search box, by how hard it is to answer; and the pages of a list they look at."""

import base64
import json
from random import Random
from urllib.parse import urlencode

from bench import scale
from bench.database import Database
from crm.demo.customers import customer
from crm.demo.dice import dice
from crm.demo.words import BRAND_FIRST, BRAND_SECOND, FOREIGN_BRANDS
from crm.kernel.text import syllables

LIST = "/customers/"


def searches(count: int) -> dict[str, list[str]]:
    """`count` different questions of each kind, the same every time."""
    rng = dice(scale.SEED, "questions")
    chinese = [_chinese_name(rng) for _ in range(count)]
    return {
        "2 Chinese, distinctive": [rng.choice(BRAND_FIRST) + rng.choice(BRAND_SECOND) for _ in range(count)],
        "2 Chinese, commonest": ["科技", "有限", "公司"],
        "2 Chinese, a city": ["上海", "深圳", "北京", "宁波"],
        "3 Chinese": [name[start : start + 3] for name in chinese for start in [rng.randrange(len(name) - 5)]],
        "6 Chinese": [name[start : start + 6] for name in chinese for start in [rng.randrange(len(name) - 5)]],
        "2 words of Chinese": [f"{name[:2]} {rng.choice(('科技', '贸易', '物流'))}" for name in chinese],
        "English prefix": [
            brand.lower()[: rng.randint(3, 6)] for brand in rng.sample(FOREIGN_BRANDS, count % 60 or 40)
        ],
        "pinyin initials": ["".join(each[0] for each in syllables(name[:4])) for name in chinese],
        "pinyin": ["".join(syllables(name[2:4])) for name in chinese],
        "phone, last four": [f"{rng.randrange(10_000):04d}" for _ in range(count)],
        "phone, whole": [_phone(rng) for _ in range(count)],
        "nothing": ["龘靐" + rng.choice(BRAND_FIRST), "zzqqxx", "99999999999"],
    }


def lists(owner: str = "") -> dict[str, dict[str, str]]:
    """The list's addresses by kind, without place; `owner` is somebody to filter by, for who may see others'."""
    kinds = {
        "newest change": {},
        "by name": {"sort": "name"},
        "by next follow-up": {"sort": "next_follow_up"},
        "filter: level": {"level__in": "a"},
        "filter: region": {"region__within": "44"},
        "filter: industry": {"industry__within": "65"},
        "filter: tag": {"tags__has": "key account"},
        "filter: level and region": {"level__in": "a", "region__within": "3302"},
    }
    return kinds | ({"filter: owner": {"owner__is": owner}} if owner else {})


def address(asked: dict[str, str]) -> str:
    return f"{LIST}?{urlencode(asked)}" if asked else LIST


def deep_cursor(database: Database, column: str, *, descending: bool, owner: str = "") -> str:
    """The place in the middle of what somebody sees, as an address of the list carries it."""
    order = f"{column} {'DESC' if descending else 'ASC'}, id {'DESC' if descending else 'ASC'}"
    mine = "AND owner_id = (SELECT id FROM people WHERE email = %(owner)s)" if owner else ""
    seen = f"FROM customers WHERE deleted_at IS NULL {mine}"
    with database.connect() as connection:
        connection.execute("SET timezone = 'UTC'")
        row = connection.execute(
            f"SELECT {column}, id {seen} ORDER BY {order} OFFSET (SELECT count(*) / 2 {seen}) LIMIT 1", {"owner": owner}
        ).fetchone()
    if row is None:
        raise RuntimeError(f"{owner or 'Nobody'} sees no customers.")
    return base64.urlsafe_b64encode(json.dumps([str(row[0]), row[1]]).encode()).decode()


def _chinese_name(rng: Random) -> str:
    """The name of some customer that is there, of at least eight characters."""
    while True:
        name = customer(scale.SEED, rng.randrange(scale.CUSTOMERS)).texts["name"]
        if len(name) >= 8 and not any(character.isascii() for character in name):
            return str(name)


def _phone(rng: Random) -> str:
    while True:
        phone = customer(scale.SEED, rng.randrange(scale.CUSTOMERS)).texts["phone"]
        if phone and phone[0] == "1":
            return str(phone)

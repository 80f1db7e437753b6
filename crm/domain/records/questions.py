"""Questions to the index of words, by which records like another are found: each a literal of a tsquery."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crm.domain.reference.queries import region
from crm.domain.reference.spellings import short_name
from crm.kernel.text import search_form, syllables
from crm.kernel.text.script import haystack, is_cjk, merged, pieces
from crm.kernel.text.tokens import EMAIL, PHONE, national_digits, quoted

_MOST = 10  # characters, or words, of a name that are asked for
# Pairs of characters that thousands of names have: by them alone nothing is looked for.
_WORDS = """
    科技 技术 贸易 商贸 实业 工业 电子 信息 网络 机械 设备 制造 建筑 工程 材料 食品 服装 物流 咨询 投资
    管理 发展 国际 控股 集团 电器 医疗 生物 医药 药业 化工 能源 环保 汽车 教育 文化 传媒 广告 装饰 餐饮
    酒店 旅游 服务 软件 系统 计算 算机 机系 纺织 制衣 印刷 包装 家具 农业 地产 置业 置地 金属 塑料 塑胶
    五金 电气 自动 动化 智能 数据 数码 通信 供应 应链 链管 新能
"""
_COMMON = frozenset(_WORDS.split())


def phone_question(phone: str) -> str:
    digits = phone.partition(";")[0].removeprefix("+")
    return quoted(PHONE + (national_digits(digits) if phone.startswith("+") else digits))


def address_question(email: str) -> str:
    return " & ".join(quoted(EMAIL + piece[:64]) for piece in pieces(haystack(email)))


@dataclass(frozen=True)
class NameQuestions:
    """`strict` finds what is called so, or sounds so; `loose` allows one slip of the pen or a word more; `there`
    narrows either to the same place. Each is empty where there is nothing to ask for."""

    strict: str
    loose: str
    there: str
    vague: bool  # nothing in it tells one name from another, so that it may take long to answer


def name_questions(core: str, place: str) -> NameQuestions:
    form = merged(search_form(core))
    strict, loose = _ways(form)
    found = region(place) if place else None
    where = short_name(found.name) if found else ""
    return NameQuestions(_either(strict), _either(loose), _all(_pairs(where)), vague=not loose)


Ways = list[Sequence[str]]


def _ways(core: str) -> tuple[Ways, Ways]:
    """Each way is the tokens that must all be there."""
    runs = list(pieces(core))
    chinese = [each for each in runs if is_cjk(each[0])]
    if not chinese:
        words = [each[:64] for each in runs][:_MOST]
        return ([words] if words else []), list(_words(words))
    run = max(chinese, key=len)[:_MOST]
    if len(run) < 2:
        return [], []
    pairs = _pairs(run)
    sounds = [first + second for first, second in pairwise(syllables(run))]
    telling = [not _is_of_a_trade(pairs, place) for place in range(len(pairs))]
    every = _told_by(range(len(pairs)), telling)
    alike = [_told_by(rest, telling) for rest in _one_wrong(run, telling)]
    called: Ways = [[tokens[place] for place in every] for tokens in (pairs, sounds)]
    return called, [[pairs[place] for place in rest] for rest in alike]


def _words(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The first of them alone, since the others say what a company does; or all but one."""
    if len(words) > 1:
        yield words[:1]
        for at in range(1, len(words) if len(words) > 2 else 0):
            yield [*words[:at], *words[at + 1 :]]
        if len(words) > 2:
            yield words[1:]


def _one_wrong(run: str, telling: Sequence[bool]) -> Iterator[list[int]]:
    """The places of pairs but those that a wrong character at one place would spoil; never words of a trade alone."""
    for at in range(len(run) if len(run) > 2 else 0):
        rest = [place for place in range(len(telling)) if place not in (at - 1, at)]
        if any(telling[place] for place in rest):
            yield rest


def _told_by(places: Sequence[int], telling: Sequence[bool]) -> Sequence[int]:
    """Two that tell are enough: to read the long lists of the words of a trade is what a question costs."""
    own = [place for place in places if telling[place]]
    return own if len(own) > 1 else places


def _is_of_a_trade(pairs: Sequence[str], place: int) -> bool:
    """信息, 科技, and 息科, which stands between the two."""
    around = pairs[max(place - 1, 0) : place + 2]
    return pairs[place] in _COMMON or (len(around) == 3 and around[0] in _COMMON and around[2] in _COMMON)


def _either(ways: Ways) -> str:
    """Without those that another one finds as well."""
    sets = [frozenset(each) for each in ways]
    fewest = [each for each, tokens in zip(ways, sets, strict=True) if not any(other < tokens for other in sets)]
    return " | ".join(dict.fromkeys(f"({_all(each)})" for each in fewest))


def _all(tokens: Sequence[str]) -> str:
    return " & ".join(map(quoted, dict.fromkeys(tokens)))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]

"""Questions to the index of words, by which records like another are found: each a literal of a tsquery."""

from collections.abc import Iterator, Sequence
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


def name_questions(core: str, place: str) -> list[str]:
    """What all alike have of its pairs of characters or of its words, one slip of the pen or one word allowed; then the
    same in the same place, so that these come back even where there are very many of that name."""
    ways = list(dict.fromkeys(_ways(merged(search_form(core)))))
    if not ways:
        return []
    whole = " | ".join(f"({each})" for each in ways)
    found = region(place) if place else None
    if found is None:
        return [whole]
    where = short_name(found.name)
    there = " & ".join(quoted(pair) for pair in _pairs(where)) if len(where) > 1 else ""
    return [whole, f"({whole}) & {there}"] if there else [whole]


def _ways(core: str) -> Iterator[str]:
    runs = list(pieces(core))
    chinese = [each for each in runs if is_cjk(each[0])]
    words = [quoted(each[:64]) for each in runs if not is_cjk(each[0])][:_MOST]
    if not chinese:
        yield from _words(words)
        return
    run = max(chinese, key=len)[:_MOST]
    if len(run) < 2:
        return
    pairs = _pairs(run)
    yield _all(pairs)
    yield from _one_wrong(run, pairs)
    read = syllables(run)
    yield " & ".join(quoted(first + second) for first, second in pairwise(read))


def _words(words: Sequence[str]) -> Iterator[str]:
    """The first of them alone, since the others say what a company does; or all but one."""
    if words:
        yield " & ".join(words)
    if len(words) > 1:
        yield words[0]
        for at in range(len(words) if len(words) > 2 else 0):
            yield " & ".join([*words[:at], *words[at + 1 :]])


def _one_wrong(run: str, pairs: Sequence[str]) -> Iterator[str]:
    """Without the pairs that a wrong character at one place would spoil."""
    for at in range(len(run) if len(run) > 2 else 0):
        rest = [pair for place, pair in enumerate(pairs) if place not in (at - 1, at)]
        if any(pair not in _COMMON for pair in rest):
            yield _all(rest)


def _all(pairs: Sequence[str]) -> str:
    return " & ".join(map(quoted, dict.fromkeys(pairs)))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]

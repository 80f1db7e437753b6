"""Every visible word is marked for translation, and every marked word has its Chinese."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from crm.domain.registry import RECORD_TYPES
from crm.domain.timeline.fields import FOLLOW_UP_FIELDS
from crm.kernel.access import NOBODY
from crm.kernel.fields import Context, Field

PROJECT = Path(__file__).resolve().parents[2]
CRM = PROJECT / "crm"
CATALOGUES = sorted(CRM.glob("translations/*/LC_MESSAGES/messages.po"))
PLACE = re.compile(r"%\(\w+\)[sd]")
CJK = r"[\u3400-\u9fff]"


@cache
def extracted() -> frozenset[str]:
    with (PROJECT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(CRM, methods, options, strip_comment_tags=False)
    messages = [message for _, _, message, _, _ in found]
    assert all(isinstance(each, str) for each in messages), "a sentence with plural forms: crm/web/i18n.py knows none"
    return frozenset(messages)


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


@cache
def chinese() -> dict[str, str]:
    path = CRM / "translations/zh_CN/LC_MESSAGES/messages.po"
    return {str(each.id): str(each.string) for each in catalogue(path) if each.id}


def test_the_catalogues_hold_exactly_the_words_of_the_program() -> None:
    assert CATALOGUES
    for path in CATALOGUES:
        words = {str(each.id) for each in catalogue(path) if each.id}
        assert sorted(extracted() - words) == [], f"not in {path.parts[-3]}: run `make translations`"
        assert sorted(words - extracted()) == [], f"no longer said, but in {path.parts[-3]}: run `make translations`"


def test_no_word_stands_where_it_is_not_found() -> None:
    """What is written inside an f-string is not extracted, and so stays English."""
    inside = re.compile(r"""f(["']).*\{[^}]*N_\(""")
    found = [
        path.name for path in CRM.rglob("*.py") if any(inside.search(line) for line in path.read_text().splitlines())
    ]
    assert found == []


def test_everything_is_translated() -> None:
    for path in CATALOGUES:
        entries = [each for each in catalogue(path) if each.id]
        assert [each.id for each in entries if not str(each.string).strip()] == []
        assert [each.id for each in entries if each.fuzzy] == []
        assert list(catalogue(path).obsolete) == []


def test_translations_keep_the_places_to_be_filled() -> None:
    for english, told in chinese().items():
        assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(told)), english
        for text in (english, told):
            assert "%" not in PLACE.sub("", text), f"templates would take the percent sign for a place: {text}"


def test_chinese_is_punctuated_as_chinese() -> None:
    halves = re.compile(f"{CJK}[,;:?!()]|[,;:?!()]{CJK}|{CJK}\\.(?![a-z0-9])|{CJK} {CJK}")
    for english, told in chinese().items():
        assert not halves.search(PLACE.sub("x", told)), told
        assert english.endswith(".") == told.endswith("。"), (english, told)
        assert told == told.strip(), told


# GLOSSARY: where English says the left, Chinese says the right.
TERMS = {
    r"\bcustomers?\b": "客户",
    r"\bfollow-ups?\b": "跟进",
    r"\bowner\b": "负责人",
    r"\blevel\b": "客户等级",
    r"\blifecycle stage\b": "客户生命周期阶段",
    r"\bindustry\b": "行业",
    r"\bsource\b": "来源",
    r"\btags?\b": "标签",
    r"\bdepartments?\b": "部门",
    r"\bimport(s|ed|ing)?\b": "导入",
    r"\bduplicates?\b": "重复",
    r"\brecycle bin\b": "回收站",
    r"\bwecom\b": "企业微信",
    r"\btickets?\b": "工单",
    r"\btimeline\b": "时间线",
    r"\bsign(ed)? in\b": "登录",
    r"\bsign out\b": "退出登录",
    r"\badministrator\b": "管理员",
    r"\bpassword\b": "密码",
    r"\bheadings?\b": "标题",
    r"\bcolumns?\b": "列|字段映射",
    r"\brows\b": "行|数据",
    r"\bfields?\b": "字段",
}


@pytest.mark.parametrize("term", TERMS)
def test_one_concept_is_one_word(term: str) -> None:
    saying = {english: told for english, told in chinese().items() if re.search(term, PLACE.sub("", english), re.I)}
    assert saying, "no sentence says it any more"
    assert {english: told for english, told in saying.items() if not re.search(TERMS[term], told)} == {}


def test_a_choice_can_be_imported_as_the_pages_show_it() -> None:
    fields: list[Field] = [*FOLLOW_UP_FIELDS, *(each for kind in RECORD_TYPES.values() for each in kind.fields)]
    for field in fields:
        for choice in field.choices:
            told = chinese()[choice.label]
            assert field.parse(told, Context(NOBODY)) == choice.key, f"{told}: make it an alias of {choice.key}"


# --- Words in Python are marked where they stand

# Callables and where their words are: argument numbers and names.
WORDS: dict[str, tuple[int | str, ...]] = {
    "Choice": (1, "label"),
    "Field": ("label", "help"),
    "Section": (1, "label"),
    "RecordType": ("label", "label_plural"),
    "Role": (1, "label"),
    "Operator": (1, "sentence"),
    "Invalid": (0,),
    "RuleBroken": (0,),
    "Conflict": (0,),
    "Stopped": (0,),
    "flash": (0,),
}
TABLES = {"PROBLEMS", "KINDS", "NOTES", "FLAGS", "SENTENCES"}
MARKS = {"N_", "gettext", "_"}
SOURCES = [path for path in sorted(CRM.rglob("*.py")) if "gallery" not in path.parts]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _words_in(tree: ast.AST) -> Iterator[str]:
    """Literal texts that stand where words are expected, with no mark round them."""
    assigns = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    assigned = {_name(target): node.value for node in assigns for target in node.targets}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in WORDS:
            slots = WORDS[_name(node.func)]
            given = [arg for number, arg in enumerate(node.args) if number in slots]
            for each in given + [keyword.value for keyword in node.keywords if keyword.arg in slots]:
                yield from _bare(each, assigned)
    for name, value in assigned.items():
        if name in TABLES or name == "sentence":
            yield from _bare(value, {})


def _bare(node: ast.expr, assigned: dict[str, ast.expr]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr():
            yield ast.unparse(node)
        case ast.Name(id=name) if name in assigned:
            yield from _bare(assigned[name], {})
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from (text for each in (one, other) for text in _bare(each, assigned))
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
            yield from (text for each in parts for text in _bare(each, assigned))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_words_in_python_are_marked(path: Path) -> None:
    assert list(_words_in(ast.parse(path.read_text("utf-8")))) == []


def test_bare_words_in_python_are_found() -> None:
    source = """
        Choice("a", "one"), Choice("b", N_("good")), Field(key="c", label=f"two {x}"), Invalid(SAID if x else y)
        SAID = "three"
        NOTES = {"x": (N_("good"), "four")}
        sentence = "five"
    """
    assert set(_words_in(ast.parse(inspect.cleandoc(source)))) == {"one", "f'two {x}'", "three", "four", "five"}


# --- Words in templates are marked where they stand; the gallery's sample data is nobody's word

TEMPLATES = [path for path in sorted((CRM / "templates").rglob("*.html")) if "gallery" not in path.parts]
AS_THEY_ARE = {"English", "中文", "Enter", "Esc", "Escape", "CSV", "XLSX", "BooleanField", "wide"}
ATTRIBUTE = re.compile(r'\s(?:title|aria-label|placeholder|alt|data-none|data-found)="([^"]*[^\W\d_][^"]*)"')


def _spoken(tree: nodes.Template) -> Iterator[str]:
    """Text between the tags, and attributes that are read out."""
    parts = [part for output in tree.find_all(nodes.Output) for part in output.nodes]
    page = "".join(part.data if isinstance(part, nodes.TemplateData) else " " for part in parts)
    yield from ATTRIBUTE.findall(page)
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|&\w+;", "\n", page, flags=re.S)
    text = re.sub(r"""<(?:"[^"]*"|'[^']*'|[^>"'])*>""", "\n", text)
    yield from (each.strip() for each in re.findall(r"[^\W\d_]{2,}[^<>\n]*", text) if '="' not in each)


def _given(node: nodes.Node) -> Iterator[str]:
    """Capitalised and Chinese literals handed to macros: button("Save") would be English on every page."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MARKS:
        return
    if isinstance(node, nodes.Const) and re.match(f"[A-Z][a-z]|{CJK}", str(node.value)) and node.value not in BOOLEANS:
        yield node.value
    for child in node.iter_child_nodes():
        yield from _given(child)


BOOLEANS = (True, False, None)
PARSER = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_words_in_templates_are_marked(path: Path) -> None:
    tree = PARSER.parse(path.read_text("utf-8"))
    assert {*_spoken(tree), *_given(tree)} - AS_THEY_ARE == set()


def test_bare_words_in_templates_are_found() -> None:
    tree = PARSER.parse('<p title="Bare">{{ _("Good") }} bare too</p>{{ button("Bare three", _("Good")) }}')
    assert {*_spoken(tree), *_given(tree)} == {"Bare", "bare too", "Bare three"}

"""Style sheets and templates: layers, themes, contrast, and what the content security policy and the house forbid."""

import re
from functools import cache
from pathlib import Path

import pytest

CRM = Path(__file__).resolve().parents[2] / "crm"
SHEETS = sorted((CRM / "static" / "css").glob("*.css"))
TEMPLATES = sorted((CRM / "templates").rglob("*.html"))
NORMAL, LARGE = 4.5, 3.0  # WCAG 2.2 AA: text; borders of controls and what is not text


@cache
def tokens() -> dict[str, dict[str, str]]:
    """Custom properties by selector of tokens.css; the dark one stands twice."""
    text = (CRM / "static" / "css" / "tokens.css").read_text("utf-8")
    blocks = re.findall(r"(:root[^\s{]*) \{([^{}]*)\}", text)
    found: dict[str, dict[str, str]] = {}
    for selector, body in blocks:
        found.setdefault(selector, {}).update(re.findall(r"(--[\w-]+): ([^;]+);", body))
    return found


def theme(name: str) -> dict[str, str]:
    return tokens()[":root"] | (tokens()[':root[data-theme="dark"]'] if name == "dark" else {})


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("--page", "--rail", "--card", "--sunk", "--hover")
PAIRS = [
    *((text, ground, NORMAL) for text in ("--text", "--muted", "--accent") for ground in GROUNDS),
    *((f"--{state}", f"--{state}-soft", NORMAL) for state in ("ok", "warn", "bad", "info")),
    *((f"--{state}", ground, NORMAL) for state in ("ok", "warn", "bad", "info") for ground in ("--page", "--card")),
    *(("--text", f"--{state}-soft", NORMAL) for state in ("ok", "warn", "bad", "info", "accent")),
    ("--accent-strong", "--accent-soft", NORMAL),
    ("--on-solid", "--solid", NORMAL),
    ("--on-solid", "--solid-hover", NORMAL),
    ("--line-strong", "--page", LARGE),
    ("--line-strong", "--card", LARGE),
]


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(name: str, front: str, back: str, least: float) -> None:
    colours = theme(name)
    assert contrast(colours[front], colours[back]) >= least


def test_the_dark_theme_is_the_same_chosen_or_found() -> None:
    chosen, found = tokens()[':root[data-theme="dark"]'], tokens()[':root[data-theme="auto"]']
    assert chosen == found
    assert set(chosen) <= set(tokens()[":root"])


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_rule_is_in_a_layer(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    depth, outside = 0, ""
    for mark in text:
        outside += mark if depth == 0 else ""
        depth += {"{": 1, "}": -1}.get(mark, 0)
    names = set(re.findall(r"@layer ([\w, ]+?)\s*[{;]", outside))
    assert depth == 0
    assert re.sub(r"@layer [\w, ]+\s*[{;]|[{}\s]", "", outside) == ""
    known = set((CRM / "static/css/_layers.css").read_text("utf-8").partition("@layer ")[2].rstrip(" ;\n").split(", "))
    assert {each for name in names for each in name.split(", ")} <= known


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_colours_come_from_the_theme(path: Path) -> None:
    if path.name in ("tokens.css", "messages.css"):  # the bar of a lost connection is dark in both themes
        return
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", text)) <= {"#fff", "#000"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(CRM / "templates")))
def test_templates_bring_no_inline_script_and_nothing_from_another_host(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)

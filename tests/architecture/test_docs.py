"""What the documents say about the program is true of the program."""

import dataclasses
import re
from pathlib import Path

import pytest

from crm.config import Settings

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([PROJECT / "README.md", PROJECT / "CHANGELOG.md", *(PROJECT / "docs").rglob("*.md")])
BEGIN, END = re.compile(r"<!-- settings:.*?-->\n"), "<!-- /settings -->"

# Paths in backquotes that begin like these are files and folders of this repository.
OURS = ("crm/", "tests/", "docs/", "bench/", "bin/", "migrations/", "requirements/", ".ci/")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)")
QUOTED = re.compile(r"`([^`\s]+)`")


def table_of_settings() -> str:
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for each in dataclasses.fields(Settings):
        if each.name == "testing":
            continue
        default = f"`{each.default}`" if str(each.default) else "–"
        rows.append(f"| `{each.metadata['env']}` | {default} | {each.metadata['help']} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_settings_is_that_of_the_program() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    begin = BEGIN.search(readme)
    assert begin, "README.md has lost the place of the table"
    assert readme[begin.end() : readme.index(END)] == table_of_settings()


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def _prose(document: Path) -> str:
    """Without its code and drawings."""
    return re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.S | re.M)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_lead_somewhere(document: Path) -> None:
    links = LINK.findall(_prose(document))
    assert [each for each in links if not (document.parent / each).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_path_named_exists(document: Path) -> None:
    """`crm/web/htmx.py`, and `crm/web/lists.py:ListView` with what it points at."""
    missing = []
    for named in QUOTED.findall(_prose(document)):
        path, _, what = named.partition(":")
        if path.startswith(OURS) and not re.search(r"[<>{}…*]", path):
            found = PROJECT / path
            if not found.exists() or (what and what not in found.read_text("utf-8")):
                missing.append(named)
    assert missing == []


def test_the_tree_in_the_architecture_is_the_tree() -> None:
    """Names in its drawings, such as `launch.py` and `storage/`, are files and folders somewhere in the repository."""
    drawings = "".join(re.findall(r"```\n(.*?)```", (PROJECT / "docs/ARCHITECTURE.md").read_text("utf-8"), re.S))
    roots = [PROJECT / name for name in ("crm", "tests", "bench", "migrations")]
    known = {
        f"/{path.relative_to(PROJECT)}{'/' * path.is_dir()}" for root in roots for path in (root, *root.rglob("*"))
    }
    known.add("/instance/")
    named = re.findall(r"(?<![\w/<.…])(?:[\w.]+/)*[\w.]+(?:\.py|\.html|\.po|/)(?=[\s,)]|$)", drawings, re.M)
    assert len(named) > 40
    assert sorted({each for each in named if not any(path.endswith(f"/{each}") for path in known)}) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_a_guide_has_its_twin(document: Path) -> None:
    """Guides are read in both languages, so both say the same steps under as many headings."""
    if document.parent.name != "guide":
        return
    language = document.suffixes[-2]
    twin = document.with_name(document.name.replace(language, {".en": ".zh", ".zh": ".en"}[language]))
    shape = [line.split()[0] for line in document.read_text("utf-8").splitlines() if line.startswith("#")]
    assert shape == [line.split()[0] for line in twin.read_text("utf-8").splitlines() if line.startswith("#")]

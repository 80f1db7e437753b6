"""Headings as they are compared, and those of the parts of a person's name."""

import re

from crm.domain.records.fields import FAMILY_NAMES, GIVEN_NAMES, MIDDLE_NAMES
from crm.kernel.text import name_key

ASIDE = re.compile(
    r"[(（\[【][^)）\]】]*(?:必填|必须|选填|可选|required|optional|mandatory)[^)）\]】]*[)）\]】]|\*|＊", re.IGNORECASE
)


def heading_key(heading: str) -> str:
    """The form in which headings are compared: without case, width, blanks, punctuation and "(required)"."""
    return name_key(ASIDE.sub("", heading))


# Of what has no field of its own and would be missed: it is kept in the remarks, each with its heading.
KEPT = frozenset(
    heading_key(each)
    for each in (
        *("Mobile", "Mobile Phone", "Phone", "Home Phone", "Other Phone", "Asst. Phone", "Assistant Phone", "Fax"),
        *("Secondary Email", "Department", "Annual Revenue", "Employees", "No. of Employees", "Number of Employees"),
        *("NumberOfEmployees", "Next Step", "Skype ID", "手机", "电话", "微信", "QQ", "传真", "部门"),
    )
)
# The same of headings that are nothing to keep elsewhere: the recipes of the systems that have them name them.
KEPT_OF_SOME = frozenset(
    heading_key(each)
    for each in ("Contact Name", "Associated Contact", "Lead Label", "Lead Type", "Project", "project_id")
)
OF_ANOTHER_THING = KEPT | KEPT_OF_SOME  # alone in the remarks, too, they stand with their heading

# Heading key → where it stands in a name as the West writes it.
_PARTS = {
    heading_key(heading): place
    for place, some in enumerate((GIVEN_NAMES, MIDDLE_NAMES, FAMILY_NAMES))
    for heading in some
}
_FAMILY = 2
_HAN = re.compile(r"[\u3400-\u9fff]")


def part_of_name(heading: str) -> int | None:
    """0, 1, 2: what is given, what is between, what the family has; None for the heading of anything else."""
    return _PARTS.get(heading_key(heading))


def whole_name(parts: list[tuple[str, str]]) -> str:
    """(heading, cell) pairs as one name: 王小明, Li Lei Wang. Cells of other headings stand behind, as they come."""
    known = sorted((place, cell.strip()) for heading, cell in parts if (place := part_of_name(heading)) is not None)
    others = [cell.strip() for heading, cell in parts if part_of_name(heading) is None]
    if known and all(_HAN.search(cell) for _, cell in known):
        family = "".join(cell for place, cell in known if place == _FAMILY)
        return " ".join([family + "".join(cell for place, cell in known if place != _FAMILY), *others])
    return " ".join([*(cell for _, cell in known), *others])

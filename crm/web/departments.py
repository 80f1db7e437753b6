"""The department tree, as pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm.domain.people.models import Department
from crm.domain.people.queries import departments

_INDENT = "\u2003"


@dataclass
class Node:
    department: Department
    below: list["Node"] = field(default_factory=list)


def tree() -> list[Node]:
    """Open ones by name; each holds those below it."""
    nodes = {each.id: Node(each) for each in sorted(departments(), key=lambda each: each.name) if not each.closed_at}
    roots = []
    for node in nodes.values():
        above = nodes.get(node.department.parent_id or 0)
        (above.below if above else roots).append(node)
    return roots


def options(outside: Department | None = None) -> list[tuple[str, str]]:
    """For a select, indented; without the branch of `outside`."""
    return [
        (str(node.department.id), _INDENT * depth + node.department.name)
        for depth, node in _flat(tree(), 0)
        if outside is None or not node.department.path.startswith(outside.path)
    ]


def _flat(nodes: Sequence[Node], depth: int) -> list[tuple[int, Node]]:
    return [each for node in nodes for each in ((depth, node), *_flat(node.below, depth + 1))]

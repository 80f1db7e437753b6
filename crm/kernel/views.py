"""Questions to a list that the product comes with: tabs of a list beside those people have saved."""

from dataclasses import dataclass

from crm.kernel.access import Reach


@dataclass(frozen=True)
class Delivered:
    """`args` as the list's address has them; `reach`: only for those who see at least so far."""

    label: str
    args: tuple[tuple[str, str], ...]
    reach: Reach = Reach.OWN

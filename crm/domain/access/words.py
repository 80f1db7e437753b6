"""What somebody says about why, and what is answered."""

from crm.kernel.errors import Invalid
from crm.kernel.text import N_, clean

LONGEST, LONGEST_LINE = 1_000, 200


def reason_of(text: str, *, needed: bool = False) -> str:
    """Invalid, for the control `reason`, where it is too long or missing."""
    kept = clean(text, lines=True)
    if needed and not kept:
        raise Invalid(N_("Say in a few words what you need it for."), key="reason")
    if len(kept) > LONGEST:
        raise Invalid(_TOO_LONG, length=len(kept), most=LONGEST, key="reason")
    return kept


def line_of(text: str, key: str) -> str:
    kept = clean(text)
    if len(kept) > LONGEST_LINE:
        raise Invalid(_TOO_LONG, length=len(kept), most=LONGEST_LINE, key=key)
    return kept


_TOO_LONG = N_("It has %(length)s characters; at most %(most)s fit.")

"""A small piece of work that a browser does before it sends: cheap once, dear ten thousand times. No third party."""

import hashlib

from sqlalchemy.dialects.postgresql import insert

from crm.domain.intake.models import IntakeProof
from crm.infra.db import db

BITS = 14  # that must be 0 at the front: some 16,000 tries, well under a second on a phone
_LONGEST = 20


def is_solved(challenge: str, nonce: str) -> bool:
    if not nonce.isascii() or not nonce.isdigit() or len(nonce) > _LONGEST:
        return False
    digest = hashlib.sha256(f"{challenge}:{nonce}".encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - BITS) == 0


def hand_in(challenge: str) -> bool:
    """Whether it is the first time. In the transaction of what it is for: two at once wait for each other."""
    digest = hashlib.sha256(challenge.encode()).hexdigest()
    new = insert(IntakeProof).values(digest=digest).on_conflict_do_nothing().returning(IntakeProof.digest)
    return db.session.scalar(new) is not None

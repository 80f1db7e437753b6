"""The second factor: set up, asked, switched off. A code is taken once, whoever is first."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.people.codes import new_recovery_codes, new_secret, plain, step_of
from crm.domain.people.events import (
    RecoveryCodesMade,
    RecoveryCodeUsed,
    RoleChanged,
    SecondFactorOff,
    SecondFactorOn,
    SecondFactorReset,
)
from crm.domain.people.models import Person, Role, SecondFactor
from crm.domain.people.sessions import hashed
from crm.infra import clock, vault
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.shape import reshaped
from crm.kernel.text import N_

_PLACE = "second_factors.secret"
_WRONG = N_("This code is not good: it may have been used already, or the clock of your phone is wrong.")
_ON = N_("You have a second factor already.")
_OFF = N_("There is no second factor. Nothing was changed.")


def begin(person: Person) -> None:
    """A secret that counts for nothing until a code of it was given; one that counts is never replaced, also where it
    was confirmed a moment ago."""
    secret = new_secret()
    sealed = {"secret": vault.seal(_PLACE, secret, secret), "last_step": 0}
    made = insert(SecondFactor).values(person_id=person.id, **sealed)
    waits = SecondFactor.confirmed_at.is_(None)
    begun = made.on_conflict_do_update(index_elements=["person_id"], set_=sealed, where=waits)
    if db.session.scalars(begun.returning(SecondFactor.person_id)).first() is None:
        raise RuleBroken(_ON)


def begun(person: Person) -> str | None:
    """The secret that waits to be confirmed, as it is typed."""
    found = db.session.get(SecondFactor, person.id)
    return vault.unseal(_PLACE, found.secret) if found and found.confirmed_at is None else None


def confirm(actor: Actor, person: Person, typed: str) -> list[str]:
    """From here on it is asked for; returns the recovery codes, which are told once. Invalid for a wrong code."""
    found = _locked(person.id)
    if person.second_factor or found is None:
        raise RuleBroken(_ON if person.second_factor else _OFF)
    if not _takes_code(found, plain(typed)):
        raise Invalid(_WRONG)
    found.confirmed_at, person.second_factor = clock.now(), True
    record(actor, person, SecondFactorOn())
    return _new_codes(found)


def accept(person: Person, typed: str) -> bool:
    """Whether it is a code of now, or a recovery code; either is good once, also for two at once."""
    found, code = _locked(person.id), plain(typed)
    if found is None or found.confirmed_at is None:
        return False
    if _takes_code(found, code):
        return True
    if (digest := hashed(code)) not in found.recovery:
        return False
    found.recovery = [each for each in found.recovery if each != digest]
    record(person.actor, person, RecoveryCodeUsed(len(found.recovery)))
    return True


def renew_codes(actor: Actor, person: Person) -> list[str]:
    """The old ones are not good any more."""
    found = _locked(person.id)
    if found is None or not person.second_factor:
        raise RuleBroken(_OFF)
    record(actor, person, RecoveryCodesMade())
    return _new_codes(found)


def codes_left(person: Person) -> int:
    found = db.session.get(SecondFactor, person.id)
    return len(found.recovery) if found else 0


def switch_off(actor: Actor, person: Person) -> None:
    """By themselves, or for them by an administrator."""
    if not person.second_factor:
        raise RuleBroken(_OFF)
    db.session.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    person.second_factor = False
    record(actor, person, SecondFactorOff() if actor.id == person.id else SecondFactorReset())


def require(actor: Actor, role: Role, required: bool) -> None:
    """Whoever has the role and no second factor sets one up before anything else; of the baseline that is everybody."""
    if role.second_factor != required:
        role.second_factor = required
        record(actor, role, RoleChanged({"second_factor": [not required, required]}))
        reshaped()


def _locked(person_id: int) -> SecondFactor | None:
    wanted = select(SecondFactor).where(SecondFactor.person_id == person_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).first()


def _takes_code(found: SecondFactor, code: str) -> bool:
    try:
        secret = vault.unseal(_PLACE, found.secret)
    except vault.Unreadable:  # its key is gone: recovery codes and administrators help
        return False
    step = step_of(secret, code, clock.now().timestamp(), after=found.last_step)
    if step is None:
        return False
    found.last_step = step
    found.secret = vault.seal(_PLACE, secret, secret)  # with the newest key
    return True


def _new_codes(found: SecondFactor) -> list[str]:
    codes = new_recovery_codes()
    found.recovery = [hashed(plain(each)) for each in codes]
    return codes

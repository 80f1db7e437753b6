"""Types of record and modules called as the company calls them: customers become clients, the audit log a journal."""

from collections.abc import Mapping

from crm.domain.naming.events import ModuleNamed, TypeNamed
from crm.domain.naming.models import TypeName
from crm.domain.naming.queries import name_of
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.modules import Module
from crm.kernel.records import RecordType
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean

LONGEST = 40


def name_type(actor: Actor, type_: RecordType, *, one: Mapping[str, str], many: Mapping[str, str]) -> None:
    """In each language one record and many; a language in which neither is said has the delivered words."""
    one, many = _cleaned(one), _cleaned(many)
    if one.keys() != many.keys():
        raise Invalid(N_("Say in each language what one record is called and what several are called, or neither."))
    found = name_of(type_.key) or TypeName(record_type=type_.key, one={}, many={})
    changes = {"one": [found.one, one], "many": [found.many, many]}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return
    found.one, found.many = one, many
    db.session.add(found)
    record(actor, found, TypeNamed(type_.key, changes))
    reshaped()


def name_module(actor: Actor, module: Module, names: Mapping[str, str]) -> None:
    """One that has no records of its own to name it. A language in which nothing is said has the delivered words."""
    found = name_of(module.key) or TypeName(record_type=module.key, one={}, many={})
    before, found.many = found.many, _cleaned(names)
    if before == found.many:
        return
    db.session.add(found)
    record(actor, found, ModuleNamed(module.key, {"name": [before, found.many]}))
    reshaped()


def _cleaned(by_language: Mapping[str, str]) -> dict[str, str]:
    said = {language: words for language, each in by_language.items() if (words := clean(each))}
    for words in said.values():
        if len(words) > LONGEST:
            raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(words), most=LONGEST)
        if "%" in words:
            raise Invalid(N_("A name has no percent sign: it stands in the middle of sentences."))
    return said

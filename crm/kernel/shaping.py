"""The fields of a type as administrators have shaped them: their own beside the standard ones, and these renamed.

The kernel knows no table of theirs: `crm/domain/fields/` says how the shape of a version is read.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from crm.kernel.access import NOBODY, Actor, FieldRight
from crm.kernel.fields import Field, Source
from crm.kernel.layouts import Layout


@dataclass(frozen=True)
class Override:
    """What differs from the standard field; "" and None leave it as it is."""

    label: str = ""
    hidden: bool = False
    required: bool | None = None
    sensitive: bool = False


@dataclass(frozen=True)
class TypeShape:
    """`custom` is by section, in order; `standard` by field key; of `layouts` the first for one of the roles counts.

    `configured` is by field key what the area's own configuration says of a standard field: {"choices": …}.
    """

    custom: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    standard: Mapping[str, Override] = field(default_factory=dict)
    configured: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    layouts: Sequence[Layout] = ()

    def layout_for(self, roles: Collection[int]) -> Layout | None:
        return next((each for each in self.layouts if not each.roles.isdisjoint(roles)), None)

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(each for some in self.custom.values() for each in some)

    def of(self, standard: Field) -> Field | None:
        if standard.key in self.configured:
            standard = replace(standard, **self.configured[standard.key])
        override = self.standard.get(standard.key)
        if override is None:
            return standard
        if override.hidden and not standard.core:
            return None
        required = standard.required if override.required is None else override.required
        return replace(
            standard, label=override.label or standard.label, required=required, sensitive=override.sensitive
        )


NO_SHAPE = TypeShape()
Reader = Callable[[str, int], TypeShape]  # (type, version) → its shape; kept by whoever reads it
_readers: list[Reader] = []
link_sources: dict[str, Source] = {}  # type → its records as values of a field
# Type → what its area's configuration says of its standard fields, such as the stages there are; read once a version.
configurations: dict[str, Callable[[], Mapping[str, Mapping[str, Any]]]] = {}


def shape_is_read_by(reader: Reader) -> None:
    _readers[:] = [reader]


def shape_of(actor: Actor, type_: str) -> TypeShape:
    """As the actor's request found it; whoever comes with none, such as a test's, has the standard fields."""
    return _readers[0](type_, actor.shape) if _readers and actor.shape else NO_SHAPE


class Eyes(NamedTuple):
    """All that decides how the fields of a type look to somebody: whoever has the same sees the same.

    What is kept under this cannot be stale: whatever administrators change gives another shape.
    """

    type: str
    shape: int
    roles: frozenset[int]
    rights: frozenset[tuple[str, FieldRight]]

    @property
    def actor(self) -> Actor:
        """Somebody of whom nothing else is known, so that nothing else can decide."""
        return replace(NOBODY, shape=self.shape, roles=self.roles, fields={self.type: dict(self.rights)})


def eyes_of(actor: Actor, type_: str) -> Eyes:
    return Eyes(type_, actor.shape, actor.roles, frozenset(actor.fields.get(type_, {}).items()))


def fields_for(actor: Actor, type_: str, fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields that exist for this actor, each as they have it. Every surface starts from here."""
    return _fields_for(eyes_of(actor, type_), tuple(fields))


@lru_cache(256)
def _fields_for(eyes: Eyes, fields: Sequence[Field]) -> tuple[Field, ...]:
    actor, type_ = eyes.actor, eyes.type
    shape = shape_of(actor, type_)
    if shape.standard or shape.configured:
        fields = [shaped for each in fields if (shaped := each if each.custom else shape.of(each)) is not None]
    if not actor.fields.get(type_):
        return tuple(fields)
    own = (each.with_right(actor.right_to(type_, each.key)) for each in fields)
    return tuple(_open(actor, type_, each) for each in own if each is not None)


def _open(actor: Actor, type_: str, field: Field) -> Field:
    """What hangs on a field that the actor may not read is always shown: else it would tell what stands there."""
    if field.shown_if is None or actor.right_to(type_, field.shown_if.field) >= FieldRight.READ:
        return field
    demanded = None if field.required_from == field.shown_if else field.required_from
    return replace(field, shown_if=None, required_from=demanded)

from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class SampleDrawn(Fact):
    name = "import.sample_drawn"
    sentence = N_("drew a verification sample of %(size)s rows (seed %(seed)s)")
    icon = "list-checks"

    sample_id: int
    size: int
    seed: int


@dataclass(frozen=True)
class SampleShared(Fact):
    name = "import.sample_shared"
    sentence = N_("asked colleagues to help with the verification sample")
    icon = "users"

    sample_id: int
    people: list[str]


@dataclass(frozen=True)
class SampleSigned(Fact):
    name = "import.sample_signed"
    sentence = N_("signed the verification sample: %(wrong)s of %(checked)s rows wrong")
    icon = "check"

    sample_id: int
    checked: int
    wrong: int

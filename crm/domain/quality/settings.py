"""How quality is counted and who is reminded of it: an administrator's to say."""

from collections.abc import Mapping, Sequence

from crm.domain.quality.checks import STANDARD, countable
from crm.domain.quality.events import QualitySettingsChanged
from crm.domain.quality.models import QualitySettings
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.text import N_

MOST_DAYS = 999


def settings_of(*, lock: bool = False) -> QualitySettings:
    """There is one row of them from the beginning."""
    return db.session.get_one(QualitySettings, 1, with_for_update=lock, populate_existing=lock)


def wanted_fields(settings: QualitySettings, type_: str) -> Sequence[str]:
    return settings.fields.get(type_, STANDARD[type_])


def change_settings(  # noqa: PLR0913 - one form
    actor: Actor,
    *,
    stale_days: int,
    fields: Mapping[str, Sequence[str]],
    remind_weekday: int | None,
    remind_hour: int,
    seen: int,
) -> None:
    """Raises Invalid with a sentence."""
    if not 1 <= stale_days <= MOST_DAYS:
        raise Invalid(N_("Between %(least)s and %(most)s days."), least=1, most=MOST_DAYS, key="stale_days")
    if remind_weekday not in (None, *range(7)) or remind_hour not in range(24):
        raise Invalid(N_("Choose a day of the week and an hour."), key="remind_weekday")
    kept = {key: _known(actor, key, fields.get(key, ())) for key in STANDARD}
    settings = settings_of(lock=True)
    refuse_overtaken(settings, seen)
    settings.stale_days, settings.fields = stale_days, kept
    settings.remind_weekday, settings.remind_hour = remind_weekday, remind_hour
    settings.version += 1
    record(actor, settings, QualitySettingsChanged(stale_days, kept, remind_weekday, remind_hour))


def _known(actor: Actor, type_: str, keys: Sequence[str]) -> list[str]:
    able = {each.key for each in countable(RECORD_TYPES[type_].list.open_to(actor).by_key)}
    return [key for key in dict.fromkeys(keys) if key in able]

"""The few facts about the company that rules depend on; create_app sets them once."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crm.infra import clock


@dataclass
class Company:
    timezone: str = "Asia/Shanghai"
    phone_region: str = "CN"
    language: str = "en"

    def today(self) -> dt.date:
        return clock.today(self.timezone)

    def midnight(self, day: dt.date) -> dt.datetime:
        """When a day begins."""
        return dt.datetime.combine(day, dt.time(), ZoneInfo(self.timezone))


company = Company()

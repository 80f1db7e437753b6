from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class FileRemoved(Fact):
    name = "follow_up.file_removed"
    sentence = N_("removed the file “%(file)s” from a follow-up")
    icon = "paperclip"

    follow_up_id: int
    file: str

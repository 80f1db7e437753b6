"""The program. `crm.app` puts it together; importing `crm` alone costs nothing, which the small processes live by."""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from crm.config import Settings


def create_app(settings: "Settings", *, connections: int | None = None) -> "Flask":
    """The app around one set of settings; `connections` bounds this process's share of the database."""
    collecting = gc.isenabled()
    gc.disable()  # nothing of what is read now is ever thrown away, and a fifth of the time went into looking
    try:
        from crm import app

        return app.create_app(settings, connections=connections)
    finally:
        if collecting:
            gc.enable()

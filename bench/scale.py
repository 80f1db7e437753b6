"""How much of everything; the defaults are those of the published figures."""

import os


def _number(name: str, default: int) -> int:
    return int(os.environ.get(f"BENCH_{name}", default))


CUSTOMERS = _number("CUSTOMERS", 1_000_000)
PEOPLE = _number("PEOPLE", 500)
IMPORT_ROWS = _number("IMPORT_ROWS", 100_000)
MEMORY_ROWS = _number("MEMORY_ROWS", 1_000_000)
ORDERS = _number("ORDERS", 1_000_000)
"""Of a fifth as many customers, over three years."""
TICKETS = _number("TICKETS", 50_000)
"""Open ones, whose promises are reckoned."""
EVENTS = _number("EVENTS", 200_000)
"""Lines of the log that are sealed."""
CHANGES = _number("CHANGES", 5_000)
"""Changes of one field, of which each adds to the log."""
SESSIONS = _number("SESSIONS", 100)
SECONDS = _number("SECONDS", 60)
"""How long sessions save customers without pause; with pauses twice as long."""
REPEATS = _number("REPEATS", 60)
"""Requests per kind of page."""
SEED = 20_261

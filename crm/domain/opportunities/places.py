"""Where a card stands in its column: a text that sorts, so that a card is put between two others without either moving.

A place is a fraction in base 62 without its “0.”: of two different ones there is always one between. Its first digits
count down with the clock, so that what is new stands on top and neither end of a column ever runs out. Chance picks the
rest: two people who put cards into one gap at one moment get two places.
"""

import datetime as dt
from os.path import commonprefix
from random import Random, SystemRandom

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order of their bytes
_BASE = len(_DIGITS)
_WIDTH = 9  # digits of microseconds: until the year 2398
_STEP = _BASE**2  # microseconds: how far beyond the last card the next one is put
_ROOM = 3 * _BASE**3  # between two cards: a third of it is drawn from, so that two who draw hardly ever draw the same
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CHANCE = SystemRandom()


def top(moment: dt.datetime, chance: Random = _CHANCE) -> str:
    """Above all that came before this moment."""
    left = _BASE**_WIDTH - 1 - (moment - _EPOCH) // dt.timedelta(microseconds=1)
    return _text(left * _BASE**2 + 1 + chance.randrange(_BASE**2 - 1), _WIDTH + 2)


def between(above: str, below: str, chance: Random = _CHANCE) -> str:
    """Below the card at `above` and above the one at `below`; "" where there is none. ValueError if there is no room:
    the two are the same, or the wrong way round."""
    if above and below and above >= below:
        raise ValueError(f"There is nothing between {above} and {below}.")
    if not (above and below) and (end := _beyond(above, below, chance)):
        return end
    size = len(commonprefix([above, below])) if below else 0
    while True:  # with as few digits as there is room for
        size += 1
        low, high = _number(above[:size], size) + 1, _number(below[:size], size) if below else _BASE**size
        if high - low >= _ROOM:
            third = (high - low) // 3
            return _text(low + third + chance.randrange(third), size)


def _beyond(above: str, below: str, chance: Random) -> str:
    """A step beyond the first or last card, no longer a text than theirs; nothing where the numbers end."""
    size, step = _WIDTH + 2, _STEP * _BASE**2
    drawn = 1 + chance.randrange(step)
    place = _number(above[:size], size) + drawn if above or not below else _number(below[:size], size) - drawn
    return _text(place, size) if 0 < place < _BASE**size else ""


def _number(text: str, size: int) -> int:
    number = 0
    for digit in text.ljust(size, "0"):
        number = number * _BASE + _DIGITS.index(digit)
    return number


def _text(number: int, size: int) -> str:
    """Without zeros at the end: one place, one text."""
    digits = []
    for _ in range(size):
        number, digit = divmod(number, _BASE)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits)).rstrip("0")

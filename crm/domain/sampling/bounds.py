"""What a sample says of the whole.

The exact one-sided bound of Clopper and Pearson (Biometrika 26, 1934): the largest share p of wrong rows under which
finding as few wrong ones as were found is still as likely as 1 − confidence. For none of n it is 1 − 0.05^(1/n), near
to 3 / n (the rule of three). The binomial is used though rows are drawn without putting back, so the bound errs on the
safe side.
"""

from math import comb

CONFIDENCE = 0.95
_STEPS = 60  # halvings: finer than anybody reads


def most_wrong(wrong: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The share of wrong rows in the whole that is not exceeded, with this confidence; 1 where nothing was looked at.

    `wrong` of `of` rows were wrong; 0 ≤ wrong ≤ of.
    """
    if of in (0, wrong):
        return 1.0
    low, high = wrong / of, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(wrong, of, middle) > 1 - confidence else (low, middle)
    return high


def _at_most(wrong: int, of: int, share: float) -> float:
    """How likely `wrong` or fewer of `of` are wrong where each is with this probability."""
    return sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(wrong + 1))

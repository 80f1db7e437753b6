"""A believable bilingual company, made up from a seed: for newcomers to look at, for tests and for measurements.

Nothing here is taken from a real list. Names follow the grammar of Chinese and English company names, so a name may
by chance be somebody's; addresses of mail and web stand in domains reserved for examples; foreign phones come from the
ranges reserved for fiction (China reserves none: its numbers are only of the right form).
"""

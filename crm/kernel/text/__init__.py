"""Text: marking words for translation, cleaning, comparing, ordering and searching.

Shapes of one text, from what was typed to what is compared:

    clean(text)       what is stored and shown: unchanged but for invisible characters and outer blanks
    fold(text)        what is compared: one width, one case, single blanks
    name_key(name)    what finds exact duplicates: fold without punctuation and blanks
    sort_key(name)    what orders a list in a database that knows only code points
    search_form(text) what is searched: fold in simplified characters, letters without accents
    search_tokens()   what a tsvector column holds; query_tokens() and tsquery() are its other half
"""

from crm.kernel.text.forms import clean, fold, name_key
from crm.kernel.text.pinyin import sort_key, syllables
from crm.kernel.text.query import needle, query_tokens, tsquery
from crm.kernel.text.script import search_form
from crm.kernel.text.tokens import search_text, search_tokens, tsvector

__all__ = [
    "N_",
    "clean",
    "fold",
    "name_key",
    "needle",
    "query_tokens",
    "search_form",
    "search_text",
    "search_tokens",
    "sort_key",
    "syllables",
    "tsquery",
    "tsvector",
]


def N_(message: str) -> str:
    """Marks a message for the translators where nothing is translated yet: ``label=N_("Phone")``."""
    return message

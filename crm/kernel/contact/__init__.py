"""Ways to reach someone: phones, e-mail addresses and web addresses, parsed to one form each and shown readably.

Each ``parse_…`` takes what a person typed or a file held and answers the stored form, or raises ``Invalid`` with a
sentence that says what to do.
"""

from crm.kernel.contact.email import email_key, parse_email
from crm.kernel.contact.phone import Phone, format_phone, known_region, parse_phone, phone_key
from crm.kernel.contact.url import parse_url

__all__ = [
    "Phone",
    "email_key",
    "format_phone",
    "known_region",
    "parse_email",
    "parse_phone",
    "parse_url",
    "phone_key",
]

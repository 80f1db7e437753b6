"""Exact duplicates: the same name (apart from width, case, blanks, punctuation) and the same phone."""

from crm.domain.customers.models import Customer
from crm.domain.records.matching import Matching

MATCHING = Matching(Customer, "phone", Customer.phone)
match_key, matches = MATCHING.match_key, MATCHING.matches

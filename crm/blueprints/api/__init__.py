"""The API: the same records, rights, rules and events as the pages, at /api/v1."""

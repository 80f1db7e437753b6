"""Which version of the program this is, as `pyproject.toml` says: a test holds the two together."""

VERSION = "0.1.0"

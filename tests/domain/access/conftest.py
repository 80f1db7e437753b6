from tests.domain.duplicates.conftest import make, row

__all__ = ["make", "row"]

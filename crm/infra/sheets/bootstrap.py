"""Run as a script in a fresh, isolated interpreter: makes this folder the package `sheets`, and runs its child.

`python -m crm.infra.sheets.child` would import `crm/__init__.py` and with it the web application: slow, large,
and more than a process that opens strangers' files should hold. `sheets/__init__.py` is not needed there either.
"""

import sys
from types import ModuleType


def make_package() -> None:
    package = ModuleType("sheets")
    package.__path__ = [__file__.rpartition("/")[0]]
    sys.modules["sheets"] = package


if __name__ == "__main__":
    make_package()
    from sheets.child import main

    main()

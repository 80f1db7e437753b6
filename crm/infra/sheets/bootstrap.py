"""Run as a script in a fresh, isolated interpreter: loads this folder as the package `sheets`, nothing of the product.

`python -m crm.infra.sheets.child` would import `crm/__init__.py` and with it the web application: slow, large,
and more than a process that opens strangers' files should hold.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def load_package() -> None:
    folder = Path(__file__).resolve().parent
    spec = spec_from_file_location("sheets", folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None and spec.loader is not None
    package = module_from_spec(spec)
    sys.modules["sheets"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    load_package()
    from sheets.child import main

    main()

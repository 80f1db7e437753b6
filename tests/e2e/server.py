"""The whole program as `crm up` runs it, with a database tuned for tests: `python -m tests.e2e.server`."""

import signal
import sys

from crm.config import Settings
from crm.infra import embedded, launch

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(launch.up(Settings.from_env(), tuning=embedded.FAST))
    except KeyboardInterrupt:
        sys.exit(130)

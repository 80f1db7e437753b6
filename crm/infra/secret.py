"""Secrets made once and kept in the instance folder, readable by nobody else."""

import os
import secrets
from pathlib import Path

from crm.config import Settings


def secret_key(settings: Settings) -> str:
    """Signs sessions: given by the environment, else made at the first start."""
    return settings.secret_key or kept(settings.instance / "secret_key")


def kept(path: Path) -> str:
    """The secret in a file, made now if there is none; two processes at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _wait_for(path)
    with os.fdopen(handle, "w") as file:
        file.write(secret := secrets.token_urlsafe(48))
    return secret


def _wait_for(path: Path) -> str:
    """The other process has created the file and may be about to write it: a lone empty file is from a crash."""
    import time

    for _ in range(100):
        if secret := path.read_text().strip():
            return secret
        time.sleep(0.01)
    path.unlink(missing_ok=True)
    return kept(path)

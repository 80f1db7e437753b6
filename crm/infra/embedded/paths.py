"""Where our own servers live, and as whom they run.

PostgreSQL refuses to run as root, so root hands it to an unprivileged account. That account must
reach the data, the sockets and the programs; below a private home it cannot, and then they live in
/var/lib instead.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.config import SettingsError

_ACCOUNTS = ("postgres", "nobody")
_LIBRARY = Path("/var/lib")
_LONGEST_SOCKET_FOLDER = 84  # bytes; AF_UNIX paths end at 103 and ours add "/.s.PGSQL.5432"
_LIST_CHARACTERS = set(",\"'\\\n")  # they separate or quote in socket lists, so a folder named with one is avoided


@dataclass(frozen=True)
class Account:
    """Whom the servers run as; None: as ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """Arguments for subprocess."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Tried by a process of that account, because access lists and mounts also have a say."""
        if self.uid is None:
            return True
        try:
            tried = subprocess.run(
                ["/bin/sh", "-c", 'cd -- "$1"', "sh", path], cwd="/", capture_output=True, check=False, **self.options
            )
        except OSError:
            return False
        return tried.returncode == 0


@dataclass(frozen=True)
class Place:
    """Folders of one instance's servers. `notice` is a sentence to show when they are not where one would look."""

    home: Path
    sockets: Path
    account: Account
    notice: str = ""

    @property
    def logs(self) -> Path:
        return self.home / "log"

    def folder(self, name: str) -> Path:
        """A private folder below home that belongs to the servers' account."""
        path = self.home / name
        if not path.exists():
            path.mkdir(mode=0o700)
            self.account.own(path)
        return path

    def program(self, file: Path) -> Path:
        """`file`, or a copy that the account can reach, for a program that needs nothing beside it."""
        if self.account.reaches(file.parent):
            return file
        copy = self.home / "programs" / file.name
        copy.parent.mkdir(mode=0o755, exist_ok=True)
        new = copy.with_name(f"{copy.name}.new")
        shutil.copy2(file, new)
        new.chmod(0o755)
        new.replace(copy)
        return copy

    def programs(self, folder: Path, *beside: Path) -> Path:
        """`folder`, or a copy that the account can reach; `beside` are folders its programs load libraries from."""
        if self.account.reaches(folder):
            return folder
        copies = self.home / "programs" / hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        root = Path(os.path.commonpath([folder, *beside])) if beside else folder.parent
        for source in (folder, *beside):
            copy = copies / source.relative_to(root)
            if not copy.exists():
                new = copy.with_name(copy.name + ".new")
                shutil.rmtree(new, ignore_errors=True)
                shutil.copytree(source, new, symlinks=True, copy_function=_link_or_copy)
                new.rename(copy)
        for each in (copies.parent, copies, *copies.rglob("*")):
            if each.is_dir():
                each.chmod(0o755)
        return copies / folder.relative_to(root)


def made(instance: Path) -> Path:
    """The instance folder, made if it is not there; only root lets another account pass through it."""
    instance = instance.expanduser().resolve()
    if not instance.exists():
        instance.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
    return instance


def place(instance: Path) -> Place:
    """Choose account, home and socket folder for an instance folder, and make them."""
    instance = made(instance)
    found = _of_ourselves(instance) if os.geteuid() else _of_root(instance)
    found.logs.mkdir(mode=0o711, exist_ok=True)
    return found


def _of_ourselves(instance: Path) -> Place:
    data = instance / "postgres"
    if data.exists() and data.stat().st_uid != os.geteuid():
        raise SettingsError(f"{data} belongs to another account; start as that account or as root.")
    return Place(instance, _socket_folder(instance, Account()), Account())


def _of_root(instance: Path) -> Place:
    elsewhere = _LIBRARY / f"crm-{_short(instance)}"
    account = _account(instance, elsewhere)
    home, notice = instance, ""
    if elsewhere.exists() or not account.reaches(instance):
        if (instance / "postgres" / "PG_VERSION").exists():
            raise SettingsError(f"{instance / 'postgres'} holds a database, but its owner cannot reach it: chmod o+x.")
        home, notice = elsewhere, f"No unprivileged account can reach {instance}, so the databases are in {elsewhere}."
        home.mkdir(mode=0o711, exist_ok=True)
    return Place(home, _socket_folder(home, account), account, notice)


def _account(*homes: Path) -> Account:
    """The owner of data that already exists, else an unprivileged account of the machine."""
    for home in homes:
        with contextlib.suppress(OSError):
            owner = (home / "postgres" / "PG_VERSION").stat()
            if owner.st_uid:
                return Account(owner.st_uid, owner.st_gid)
    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise SettingsError("PostgreSQL cannot run as root, and this machine has no account named postgres or nobody.")


def _socket_folder(home: Path, account: Account) -> Path:
    """A private folder with a short path: below home, else below the machine's folder for such things."""
    names = [home / "run"]
    if len(os.fsencode(names[0])) > _LONGEST_SOCKET_FOLDER or _LIST_CHARACTERS & set(str(names[0])):
        bases = ["/run", "/var/run"] if os.geteuid() == 0 else [os.environ.get("XDG_RUNTIME_DIR", "")]
        bases = [base for base in (*bases, "/tmp", "/var/tmp") if base and len(base) < 50]
        names = [Path(base) / f"crm-{os.geteuid()}-{_short(home)}" for base in bases]
    for path in names:
        if _private(path, account):
            return path
    raise SettingsError(f"Found no private folder for sockets among {', '.join(map(str, names))}.")


def _private(path: Path, account: Account) -> bool:
    """Make the folder ours alone. Where others may write (/tmp), one laid ready by somebody else is refused."""
    with contextlib.suppress(FileExistsError):
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            raise
        except OSError:
            return False
        account.own(path)
    found = path.lstat()
    owner = os.geteuid() if account.uid is None else account.uid
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not stat.S_IMODE(found.st_mode) & 0o077


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)

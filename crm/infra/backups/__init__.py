"""Backups: a folder with a dump of the database, the uploaded files, the secrets, and a manifest that vouches for them.

    crm-20261127-135500/
        manifest.json    what it is of, when, and the size and SHA-256 of each part
        database.dump    pg_dump's custom format
        files.txt        SHA-256, size and key of each uploaded file
        files/ab/cdef…   those files; the same file of two backups is one on the disk (a hard link)
        secrets/…        without which nothing in it can be read: whoever has the folder has everything

It is made under a name that begins with a dot and gets its own when it is whole.
"""

from enum import StrEnum


class Problem(StrEnum):
    """Why a backup could not be made, for whoever says it in another language."""

    FOLDER = "folder"  # cannot be written
    FULL = "full"  # too little room on the disk
    PROGRAMS = "programs"  # pg_dump is missing or too old
    DUMP = "dump"  # pg_dump failed
    FILES = "files"  # an uploaded file cannot be read
    BUSY = "busy"  # another one is under way
    DAMAGED = "damaged"  # it was made, but is not what was written


class BackupError(Exception):
    """A sentence of what went wrong and what to do."""

    def __init__(self, problem: Problem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem

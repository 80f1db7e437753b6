"""What runs in the child: one job from standard input, frames to standard output, errors as frames too."""

import json
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from .confine import confine
from .errors import SheetError
from .model import Inspection, Limits
from .readers import inspect_file, read_rows


def main() -> None:
    job = json.load(sys.stdin)
    limits = Limits(**job["limits"])
    confine(limits, job["parent"])
    try:
        for frame in _perform(job, limits):
            _send(frame)
    except SheetError as error:
        _send({"error": error.code, "params": error.params})
    except MemoryError:
        _send({"error": "out_of_memory", "params": {"limit": limits.memory_bytes >> 20}})
    except FileNotFoundError:
        _send({"error": "gone", "params": {}})
    except Exception:
        _send(
            {
                "error": "unreadable",
                "params": {},
                "detail": traceback.format_exc()[-4000:],
            }
        )


def _perform(job: dict[str, Any], limits: Limits) -> Iterator[dict[str, Any]]:
    if job["do"] == "inspect":
        wanted = {key: job[key] for key in ("sheet", "encoding", "delimiter")}
        found = inspect_file(job["path"], job["filename"], limits, **wanted)
        yield {"inspection": found.to_dict()}
    else:
        yield from read_rows(job["path"], Inspection.from_dict(job["inspection"]), job["after"], limits)


def _send(frame: dict[str, Any]) -> None:
    body = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    out = sys.stdout.buffer
    out.write(len(body).to_bytes(4, "big"))
    out.write(body)
    out.flush()

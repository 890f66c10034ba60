"""What the proofs of the second executor share."""

import shutil
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from clients import call

from unittests.support import OBESITY, eventually


def needs_programs(*names: str) -> None:
    """End the proof, with success, where a program of the system is missing."""
    for name in names:
        if shutil.which(name) is None:
            print(f"SKIPPED: {Path(sys.argv[0]).name} needs {name}")
            sys.exit(0)


def one_answer(port: int, seconds: float = 1.0) -> Any:
    """Submit a job and wait for it a moment; return its data, None where that did not succeed."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        status, told = call(connection, "POST", "/api/global_mean", {"question": OBESITY})
        if status != 200:
            return None
        path = f"/api/get_results/{told['job_id']}?wait={seconds:g}"
        status, told = call(connection, "GET", path)
        return told.get("data") if status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


def seconds_to_an_answer(port: int, most: float = 60.0) -> float:
    """Ask new jobs until one is answered; return how long that took."""
    began = time.monotonic()
    eventually(lambda: one_answer(port), most)
    return time.monotonic() - began

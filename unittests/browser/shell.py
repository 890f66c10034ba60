"""Runs the commands that the page shows, as a user would paste them."""

import subprocess

from unittests.helpers.waiting import PATIENCE


def run(commands: str, **environ: str) -> list[str]:
    """Run commands in a shell, and return what each line of them printed."""
    found = []
    for command in commands.splitlines():
        done = subprocess.run(
            ["bash", "-c", f"{command} --silent --fail-with-body"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
            env={"PATH": "/usr/bin:/bin", **environ},
        )
        found.append(done.stdout)
    return found

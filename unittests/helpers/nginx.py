"""A real nginx as a cache in front of a server, by the file that docs/how-to/cache.md shows."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unittests.helpers.files import PROJECT
from unittests.helpers.program import Program
from unittests.helpers.server import free_port
from unittests.helpers.waiting import eventually

CONFIGURATION = PROJECT / "docs" / "scaling" / "nginx.conf"

# What a system's nginx.conf says around it.
_AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {configuration}
}}
"""


def configuration(folder: Path, port: int, server_port: int) -> Path:
    """Write what nginx needs into a folder, to listen on a port of loopback; return the file."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for theirs, ours in (
        ("server 127.0.0.1:5000;", f"server 127.0.0.1:{server_port};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/var/cache/nginx/stats", f"{folder}/cache"),
    ):
        assert theirs in text, f"{CONFIGURATION.name} has no {theirs!r}"
        text = text.replace(theirs, ours)
    user = "" if os.geteuid() else "user root;"
    file = folder / "nginx.conf"
    file.write_text(_AROUND.format(folder=folder, user=user, configuration=text), encoding="utf-8")
    return file


@contextmanager
def running_nginx(folder: Path, server_port: int) -> Iterator[int]:
    """Run nginx for the length of a with block; yield the port that it listens on."""
    port = free_port()
    file = configuration(folder, port, server_port)
    command = ["nginx", "-c", str(file), "-e", str(folder / "error.log")]
    with Program(command, text=True, stderr=subprocess.PIPE) as process:

        def listens() -> bool:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            pid = folder / "nginx.pid"
            return pid.exists() and bool(pid.read_text(encoding="ascii"))

        eventually(listens)
        try:
            yield port
        finally:
            process.terminate()  # which ends its workers, too
            process.wait(10)

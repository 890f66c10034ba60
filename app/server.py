"""Serves the app: one process, one event loop, from the first line printed to a clean exit."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Sequence

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from app import create_app
from app.bodies import MOST_BYTES
from app.errors import SettingsError, StartError
from app.guard import is_loopback
from app.job_service import JobService
from app.logs import close_log
from app.settings import Settings
from app.wsgi_bridge import WsgiBridge

# After the jobs: how long requests in flight may take to be answered.
_LAST_ANSWERS_SECONDS = 2.0
_MOST_CONNECTIONS = 4096
_WAITING_THREADS = 64


def main(arguments: Sequence[str], program: str) -> int:
    """Run a server until it is told to stop; return the process's exit code."""
    try:
        settings = Settings.load(arguments, program=program)
        _check_exposure(settings)
        port = free_port(settings.host, settings.port)
        app = create_app(settings)
    except StartError as error:
        print(f"{program}: {error}", flush=True)
        return 2
    # What was built until now stays for good: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(app, settings, port))
    close_log(app.extensions["log"])
    return 0


def _check_exposure(settings: Settings) -> None:
    """Raise SettingsError for a server that strangers would reach and that asks for no token."""
    if not (settings.token or is_loopback(settings.host)):
        raise SettingsError(
            f"--host={settings.host!r} can be reached from other machines: set --token (or"
            " STATS_TOKEN), which every client must then send"
        )


def free_port(host: str, port: int) -> int:
    """Return `port`, or a free one for 0; raise SettingsError when it cannot be listened on.

    Granian itself would share a port with another server of its kind without a word.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
            return int(probe.getsockname()[1])
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None


async def _serve(app: Flask, settings: Settings, port: int) -> None:
    service: JobService = app.extensions["job_service"]
    log = app.extensions["log"]
    stopping = _signals_stop()
    # Submits that wait for the device wait on threads, so that those at one time share a flush.
    threads = _WAITING_THREADS if settings.journal == "power" else 0
    bridge = WsgiBridge(app, MOST_BYTES, settings.body_seconds, log, posting_threads=threads)
    server = Server(
        bridge,
        address=settings.host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        backlog=1024,
        backpressure=_MOST_CONNECTIONS,
        websockets=False,
        log_enabled=False,
        # Otherwise it resets the logging of the whole process, and closes this server's log.
        log_dictconfig={"incremental": True, "handlers": {}, "loggers": {}},
    )
    serving = asyncio.create_task(server.serve())
    await _until_listening(settings.host, port)
    address = f"http://{settings.host}:{port}"
    log.info(
        "serving on %s, %d rows, %d threads",
        address,
        service.answers.dataset.rows,
        settings.threads,
    )
    print(
        f"Le Stats Sportif on {address}, {service.answers.dataset.rows:,} rows; "
        f"see {address}/openapi, and `tail -f {settings.log}`",
        flush=True,
    )

    await stopping.wait()
    log.info("told to stop")
    bridge.closing = True
    # Still serving: clients collect what finishes, and new jobs are refused in plain words.
    await asyncio.to_thread(service.close, settings.drain_seconds)
    app.extensions["tender"].stop()
    server.stop()  # type: ignore[no-untyped-call]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_ANSWERS_SECONDS):
            while bridge.in_flight:
                await asyncio.sleep(0.005)
    serving.cancel()
    log.info("stopped")


def _signals_stop() -> asyncio.Event:
    """Return an event that the first SIGTERM or SIGINT sets; a second ends the process at once."""
    stopping = asyncio.Event()

    def stop(number: int) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return stopping


async def _until_listening(host: str, port: int) -> None:
    """Wait until a connection is taken, so that the printed line is true."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return
        await asyncio.sleep(0.002)

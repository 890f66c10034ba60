"""Serves the app: one process, one event loop, from the first line printed to a clean exit."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app import create_app
from app.errors import SettingsError, StartError
from app.logs import close_log
from app.settings import Settings, is_loopback
from app.statistics.registry import STATISTICS, Registry

if TYPE_CHECKING:
    from app.http.plain_flask import PlainFlask
    from app.job_service import JobService

# After the jobs: how long requests in flight may take to be answered, and how long it must have
# been quiet to say that there are none.
_LAST_ANSWERS_SECONDS = 2.0
_LAST_STREAMS_SECONDS = 30.0
_QUIET_SECONDS = 0.1
_MOST_CONNECTIONS = 4096
_MOST_HEADER_BYTES = 32 * 1024
_FILES_KEPT_FREE = 128
# New objects until the collector looks at them, and how often until it looks at older ones. All
# that it finds here are a few exceptions, with their tracebacks. While it goes through all jobs,
# nobody is served: by Python's defaults that took a tenth of a batch's time, 70 ms at a time.
_OBJECTS_UNTIL_COLLECTED = (10_000, 10, 50)


def main(arguments: Sequence[str], program: str, statistics: Registry = STATISTICS) -> int:
    """Run a server until it is told to stop; return the exit code of one that could not start."""
    try:
        settings = Settings.load(arguments, program=program)
        _check_exposure(settings)
        shared = settings.executor == "celery"  # its web processes may share a port
        with _claimed_port(settings.host, settings.port, shared=shared) as (address, port):
            gc.disable()
            app = create_app(settings, statistics)
            # What was built until now stays: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_OBJECTS_UNTIL_COLLECTED)
            gc.enable()
            asyncio.new_event_loop().run_until_complete(_serve(app, settings, address, port))
    except StartError as error:
        _say(f"{program}: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    close_log(app.extensions["log"])
    # All is answered, written and closed. Connections that never said a whole request may still be
    # open, and Granian would wait for them.
    os._exit(0)


def _say(line: str) -> None:
    """Print a line for who started the server, if anybody reads it."""
    # A full disk, a reader that has gone, an output that is closed: the server does without.
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


def _check_exposure(settings: Settings) -> None:
    """Raise SettingsError for a server that strangers would reach and that is not meant for it."""
    if not (settings.token or settings.public or is_loopback(settings.host)):
        raise SettingsError(
            f"--host={settings.host!r} can be reached from other machines: set --token (or"
            " STATS_TOKEN), which every client must then send, or --public, which lets anyone read"
        )


@contextlib.contextmanager
def _claimed_port(host: str, port: int, *, shared: bool) -> Iterator[tuple[str, int]]:
    """Hold an address, and a port of it (a free one for 0), that no other server can take.

    Where it is `shared`, those that share can: the kernel spreads connections over them.

    Raises SettingsError when it cannot be listened on. Granian by itself would share a port with
    another of its kind without a word.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        claim = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error}") from None
    with claim:
        try:
            # While it is bound, connections of an earlier server that linger do not count.
            claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            claim.bind(place)
            # From now on only a socket that shares on purpose, as Granian's, can have it too.
            claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SettingsError(f"cannot listen on {host}:{port}: {reason}") from None
        address, port = claim.getsockname()[:2]
        yield address, port


def _most_connections() -> int:
    """Return how many connections there may be, so that files can still be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _FILES_KEPT_FREE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        wanted = soft
    return max(16, wanted - _FILES_KEPT_FREE)


async def _serve(app: "PlainFlask", settings: Settings, address: str, port: int) -> None:
    # Not before: the dataset is read while the app is imported, and that comes first.
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    from app.http.body import most_bytes
    from app.http.bridge import Bridge
    from app.http.connections import Connections

    service: JobService = app.extensions["job_service"]
    log = app.extensions["log"]
    stopping = _signals_stop()
    # Submits that wait for the device wait on threads, so that those at one time share a flush.
    # So do those that slow motion holds up.
    threaded = settings.executor == "threads" and (settings.journal == "power" or settings.teach)
    most = _most_connections()
    connections = Connections(port, most)
    bridge = Bridge(
        app.respond,
        most_bytes,
        app.extensions["guard"].refusal,
        settings.body_seconds,
        log,
        connections,
        threaded_posts=threaded,
        call=_caller(service),
    )
    server = Server(
        bridge,
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        # The one time limit that Granian has for both headers and idle connections.
        http1_settings=HTTP1Settings(
            header_read_timeout=round(settings.idle_seconds * 1000),
            max_buffer_size=_MOST_HEADER_BYTES,
        ),
        backlog=1024,
        backpressure=most,
        websockets=False,
        log_enabled=False,
        # Otherwise it resets the logging of the whole process, and closes this server's log.
        log_dictconfig={"incremental": True, "handlers": {}, "loggers": {}},
    )
    serving = asyncio.create_task(server.serve())
    watching = asyncio.create_task(connections.watch())
    await _until_listening(serving, address, port)
    url = app.log_start(settings.host, port)
    look = f"see {url}/openapi, and `tail -f {settings.log}`"
    _say(f"Le Stats Sportif on {url}, {app.rows_text(',d')}; {look}")
    if exposure := app.extensions["exposure"]:
        _say(exposure)

    stop_asked = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, stop_asked}, return_when=asyncio.FIRST_COMPLETED)
    log.info("told to stop" if stopping.is_set() else "the HTTP server ended by itself")
    bridge.closing = True
    # Still serving: clients collect what finishes, and new jobs are refused in plain words.
    await asyncio.to_thread(service.close, settings.drain_seconds)
    app.extensions["periodic"].stop()
    app.extensions["drawer"].retire()
    server.stop()  # type: ignore[no-untyped-call]
    now = time.monotonic()
    deadline = now + _LAST_ANSWERS_SECONDS
    if bridge.sent_by > deadline:
        deadline = min(bridge.sent_by, now + _LAST_STREAMS_SECONDS)
    while time.monotonic() < deadline and not (serving.done() or bridge.quiet(_QUIET_SECONDS)):
        await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.to_thread(app.extensions["drawer"].close)
    log.info("stopped")


def _caller(service: "JobService") -> "Callable[..., Awaitable[Any]] | None":
    """Return what calls the app where it may wait for the network, None where it may not."""
    if not service.waits_for_network:
        return None
    from app.cluster import greenlets

    return greenlets.run


def _signals_stop() -> asyncio.Event:
    """Return an event that the first SIGTERM, SIGINT or SIGHUP sets; a second ends the process."""
    stopping = asyncio.Event()

    def stop(number: int) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    loop = asyncio.get_running_loop()
    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
        numbers.append(signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, stop, number)
    return stopping


async def _until_listening(serving: "asyncio.Task[None]", address: str, port: int) -> None:
    """Wait until a connection is taken, so that the printed line is true.

    Raises StartError when the HTTP server ends instead.
    """
    if address in ("0.0.0.0", "::"):
        address = "127.0.0.1" if address == "0.0.0.0" else "::1"
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(address, port)
            writer.close()
            return
        await asyncio.sleep(0.002)
    raise StartError(f"the HTTP server did not start on {address}:{port}: {serving.exception()}")

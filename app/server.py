"""Serves the app: one process, one event loop, from the first line printed to a clean exit."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import uvloop

from app import create_app
from app.errors import SettingsError, StartError
from app.logs import close_log, flush_log
from app.settings import Settings
from app.statistics.registry import STATISTICS, Registry

if TYPE_CHECKING:
    from app.http.connections import Connections
    from app.http.plain_flask import PlainFlask
    from app.job_service import JobService

# After the jobs: how long requests that are not whole may take to come; how long an answer may take
# that is being made, or a client that reads to show it; and all of them together.
_LAST_REQUESTS_SECONDS = 2.0
_LAST_ANSWER_SECONDS = 10.0
_LAST_ANSWERS_SECONDS = 30.0
# It is over when in so many looks one after another there was nothing to do. The loop reads what
# came between two of them, so that it does not matter how long the machine lets this process wait.
_QUIET_LOOKS = 10
_SECONDS_A_LOOK = 0.01
_MOST_CONNECTIONS = 4096
_BACKLOG = 1024
_FILES_KEPT_FREE = 128
# New objects until the collector looks at them, and how often until it looks at older ones. All
# that it finds here are a few exceptions, with their tracebacks. While it goes through all jobs,
# nobody is served: by Python's defaults that took a tenth of a batch's time, 70 ms at a time.
_OBJECTS_UNTIL_COLLECTED = (10_000, 10, 50)


def main(arguments: Sequence[str], program: str, statistics: Registry = STATISTICS) -> int:
    """Run a server until it is told to stop; return the exit code of one that could not start."""
    try:
        settings = Settings.load(arguments, program=program)
        shared = settings.executor == "celery"  # its web processes may share a port
        with _bound(settings.host, settings.port, shared=shared) as listener:
            gc.disable()
            app = create_app(settings, statistics)
            # What was built until now stays: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_OBJECTS_UNTIL_COLLECTED)
            gc.enable()
            uvloop.new_event_loop().run_until_complete(_serve(app, settings, listener))
    except StartError as error:
        _say(f"{program}: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    close_log(app.extensions["log"])
    # All is answered, written and closed. Threads that draw or read may still be about to end.
    os._exit(0)


def _say(line: str) -> None:
    """Print a line for who started the server, if anybody reads it."""
    # A full disk, a reader that has gone, an output that is closed: the server does without.
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    """Return a socket of an address and a port (a free one for 0) that no other server can take.

    Where it is `shared`, those that share can: the kernel spreads connections over them. Nobody can
    connect before the server listens on it.

    Raises SettingsError when it cannot be listened on.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error}") from None
    try:
        # While it is bound, connections of an earlier server that linger do not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(place)
        # From now on, another one that does not listen yet either cannot have it too.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise SettingsError(f"cannot listen on {host}:{port}: {reason}") from None
    return listener


def _listening(listener: socket.socket) -> socket.socket:
    """Listen on a socket, and return it; raise SettingsError where another one does by now."""
    # Its connections inherit this: those that linger after the end keep no server from starting.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.listen(_BACKLOG)
    except OSError as error:
        raise SettingsError(f"cannot listen: {error.strerror or error}") from None
    return listener


def _most_connections() -> int:
    """Return how many connections there may be, so that files can still be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _FILES_KEPT_FREE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        wanted = soft
    return max(16, wanted - _FILES_KEPT_FREE)


async def _serve(app: "PlainFlask", settings: Settings, listener: socket.socket) -> None:
    # Not before: the dataset is read while the app is imported, and that comes first.
    from app.http.body import most_bytes
    from app.http.bridge import Bridge, just_call
    from app.http.connection import Connection
    from app.http.connections import Connections

    service: JobService = app.extensions["job_service"]
    log = app.extensions["log"]
    stopping = _signals_stop()
    connections = Connections(_most_connections(), settings.idle_seconds, settings.body_seconds)
    call: Callable[..., Any] = just_call
    if service.waits_for_network:
        from app.cluster.greenlets import Greenlets

        call = Greenlets().begin
    refusal = app.extensions["guard"].refusal
    bridge = Bridge(
        app.respond, most_bytes, refusal, writes_wait=lambda: service.writes_wait, call=call
    )

    def connection() -> Connection:
        return Connection(bridge, connections, log)

    server = await asyncio.get_running_loop().create_server(
        connection, sock=_listening(listener), backlog=_BACKLOG
    )
    url = app.log_start(settings.host, listener.getsockname()[1])
    look = f"see {url}/openapi, and `tail -f {settings.log}`"
    flush_log(log)  # who reads the next line may look for what this start has found
    _say(f"Le Stats Sportif on {url}, {app.rows_text(',d')}; {look}")
    if exposure := app.extensions["exposure"]:
        _say(exposure)

    await stopping.wait()
    log.info("told to stop")
    connections.closing = True
    # Still serving: clients collect what finishes, and new jobs are refused in plain words.
    await asyncio.to_thread(service.close, settings.drain_seconds)
    app.extensions["periodic"].stop()
    app.extensions["drawer"].retire()
    await _close(server, listener, connection)
    await _last_answers(connections)
    await asyncio.to_thread(app.extensions["drawer"].close)
    log.info("stopped")


async def _close(
    server: asyncio.Server, listener: socket.socket, protocol: Callable[[], asyncio.Protocol]
) -> None:
    """Listen no longer; who has connected by now is still answered.

    The loop takes one connection at a time, and the kernel would reset those that wait for that.
    """
    waiting = []
    listener.setblocking(False)
    with contextlib.suppress(OSError):  # there are no more, or no descriptors for them
        while True:
            waiting.append(listener.accept()[0])
    server.close()
    for one in waiting:
        with contextlib.suppress(OSError):  # its client has left
            await asyncio.get_running_loop().connect_accepted_socket(protocol, one)


async def _last_answers(connections: "Connections") -> None:
    """Wait until all that was asked is answered, and taken by those who still read."""
    began = time.monotonic()
    deadline, last = began + _LAST_REQUESTS_SECONDS, began + _LAST_ANSWERS_SECONDS
    unsent, answered, quiet = connections.unsent(), connections.answered, 0
    while quiet < _QUIET_LOOKS and time.monotonic() < min(deadline, last):
        await asyncio.sleep(_SECONDS_A_LOOK)
        unsent_before, unsent = unsent, connections.unsent()
        answered_before, answered = answered, connections.answered
        is_quiet = connections.is_quiet and not unsent and answered == answered_before
        quiet = quiet + 1 if is_quiet else 0
        if unsent < unsent_before or connections.is_at_work:
            deadline = time.monotonic() + _LAST_ANSWER_SECONDS


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

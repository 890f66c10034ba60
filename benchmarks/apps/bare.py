"""A Flask route that does nothing: what the WSGI server and Flask cost, whatever the work.

python -m benchmarks.apps.bare SERVER PORT     SERVER: bridge, granian, waitress, gunicorn
"""

import asyncio
import logging
import sys

from flask import Flask, Response


def bare_app() -> Flask:
    """Return an app with a route to POST to and one to GET."""
    app = Flask(__name__)

    @app.post("/submit")
    def submit() -> Response:
        return Response(b'{"job_id":"job_id_1"}', mimetype="application/json")

    @app.get("/collect")
    def collect() -> Response:
        return Response(b'{"status":"done","data":{"Ohio":33.7}}', mimetype="application/json")

    return app


def on_bridge(port: int) -> None:
    """Serve as this project does: Granian's event loop, and the bridge to WSGI."""
    from granian.constants import HTTPModes, Interfaces
    from granian.server.embed import Server

    from app.http.bridge import WsgiBridge

    async def serve() -> None:
        bridge = WsgiBridge(bare_app(), lambda _path: 65536, 10.0, logging.Logger("bare"))
        await Server(
            bridge,
            port=port,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            log_enabled=False,
            backlog=1024,
            backpressure=4096,
        ).serve()

    asyncio.run(serve())


def on_granian(port: int) -> None:
    """Serve on Granian's own WSGI mode, one worker with one thread: its fastest."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "benchmarks.apps.bare:bare_app",
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=1,
        log_enabled=False,
    ).serve()


def on_waitress(port: int) -> None:
    """Serve on waitress with eight threads."""
    import waitress

    waitress.serve(bare_app(), host="127.0.0.1", port=port, threads=8, _quiet=True)


def on_gunicorn(port: int) -> None:
    """Serve on gunicorn, one worker with eight threads."""
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):  # type: ignore[misc]
        """gunicorn without its command line."""

        def load_config(self) -> None:
            """Say what the command line would."""
            options = {
                "bind": f"127.0.0.1:{port}",
                "worker_class": "gthread",
                "threads": 8,
                "keepalive": 60,
                "loglevel": "error",
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            """Return the app."""
            return bare_app()

    Application().run()


if __name__ == "__main__":
    servers = {
        "bridge": on_bridge,
        "granian": on_granian,
        "waitress": on_waitress,
        "gunicorn": on_gunicorn,
    }
    servers[sys.argv[1]](int(sys.argv[2]))

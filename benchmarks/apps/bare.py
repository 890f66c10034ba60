"""A Flask route that does nothing: what the HTTP server and Flask cost, whatever the work.

    python -m benchmarks.apps.bare PORT

serves it as this project is served: on its event loop, and from there over WSGI. The other HTTP
servers are given `bare_app` on their command lines.
"""

import asyncio
import logging
import sys
from functools import partial

import uvloop
from flask import Flask, Response

from app.http.bridge import Bridge
from app.http.connection import Connection
from app.http.connections import Connections
from app.http.wsgi import reply_of


def bare_app() -> Flask:
    """Return an app with a route to POST to and one to GET."""
    app = Flask(__name__)

    @app.post("/api/<statistic>")
    def submit(statistic: str) -> Response:
        del statistic
        return Response(b'{"job_id":"job_id_1"}', mimetype="application/json")

    @app.get("/api/get_results/<job_id>")
    def collect(job_id: str) -> Response:
        del job_id
        return Response(b'{"status":"done","data":{"Ohio":33.7}}', mimetype="application/json")

    return app


async def serve(port: int) -> None:
    """Serve it until the process ends."""
    bridge = Bridge(partial(reply_of, bare_app()), lambda _path: 65536, lambda _request: None)
    connections, log = Connections(4096, 60.0, 10.0), logging.Logger("bare")
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(bridge, connections, log), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
